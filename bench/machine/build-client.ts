// Builds the C client.

import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const SOURCES = new URL("../client/", import.meta.url).pathname;
const LIMIT_MILLIS = 120_000;

export interface BuiltClient extends Disposable {
  program: string;
}

/** Compiles it into a temporary directory, which is removed at the end of the scope. Throws with what cc says. */
export function buildClient(): BuiltClient {
  const directory = mkdtempSync(join(tmpdir(), "procview-bench-client-"));
  const program = join(directory, "client");
  const sources = readdirSync(SOURCES).filter((name) => name.endsWith(".c"));
  const flags = ["-O2", "-Wall", "-Wextra", "-Werror", "-pthread", "-o", program];
  const remove = (): void => rmSync(directory, { recursive: true, force: true });
  const { status, stderr, error } = spawnSync("cc", [...flags, ...sources.map((name) => join(SOURCES, name))], {
    encoding: "utf8",
    timeout: LIMIT_MILLIS,
  });
  if (status !== 0) {
    remove();
    throw new Error(`Cannot build the client with cc (Debian: gcc libc6-dev): ${error?.message ?? stderr}`);
  }
  return { program, [Symbol.dispose]: remove };
}
