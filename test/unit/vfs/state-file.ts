// A state file of its own for each test of a file, removed after it.

import { closeSync, mkdtempSync, openSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach } from "node:test";

export interface StateFile {
  path: string;
  fd: number;
}

/** To be called before the test's own hooks, which find it open. */
export function stateFileOfEach(): StateFile {
  const file: StateFile = { path: "", fd: -1 };
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "procview-state-"));
    file.path = join(folder, "state");
    file.fd = openSync(file.path, "w+");
  });
  afterEach(() => {
    closeSync(file.fd);
    rmSync(folder, { recursive: true });
  });
  return file;
}
