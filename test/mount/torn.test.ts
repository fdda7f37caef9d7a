// No reader finds two renderings mixed, whatever its buffer and however many read: test/mount/programs/torn-reader.c.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { lacks, nothingLeft, procview, SLOWNESS, skip } from "./harness.ts";

const SECONDS = 4;
const SOURCE = new URL("./programs/torn-reader.c", import.meta.url).pathname;
let folder: string;
let program: string;

before(() => {
  folder = mkdtempSync(join(tmpdir(), "procview-torn-"));
  program = join(folder, "torn-reader");
  const { status, stderr } = spawnSync("cc", ["-O2", "-pthread", "-o", program, SOURCE], { encoding: "utf8" });
  assert.ok(lacks("cc") || status === 0, stderr);
});
after(async () => {
  rmSync(folder, { recursive: true });
  await nothingLeft();
});

describe("each reading of /proc/stat is one rendering", { skip: skip || lacks("cc") }, () => {
  for (const freshness of ["100ms", "10ms", "0"]) {
    for (const [threads, buffers] of [
      ["1", "7"],
      ["4", "1,7,64,65536"],
      ["16", "7,64,500,4096,65536"],
    ] as const) {
      test(`freshness ${freshness}, ${threads} threads, buffers of ${buffers} bytes`, () => {
        const seconds = String(SECONDS * SLOWNESS);
        const command = [program, "/proc/stat", seconds, threads, buffers];
        const { status, stdout, stderr } = procview("run", "-m", "200m", "--freshness", freshness, "--", ...command);
        const [reads = 0, distinct = 0] = stdout.split(" ").map(Number);
        assert.equal(status, 0, `${stdout}${stderr}`);
        assert.ok(distinct >= 5 && reads >= distinct, `${stdout}: the file must change while it is read`);
      });
    }
  }
});
