// Many containers start at once, and each finds itself. A mount may be refused: whoever walks to a name makes the kernel
// unhash the dentry by which another has just come, and mount(2) does not take an unhashed one (docs/adr/0003). That is
// rare even among processes that do nothing else; how rare is printed and bounded.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { TestCgroups } from "./cgroups.ts";
import { lacks, mounted, nothingLeft, runProgram, skip } from "./harness.ts";

const CONTAINERS = 20;
const ROUNDS = 5;
const MAX_REFUSED = 0.03;
const FILES = 7;
const KIB = 1024;
const SOURCE = new URL("./programs/starting-together.c", import.meta.url).pathname;
let folder: string;

before(() => {
  folder = mkdtempSync(join(tmpdir(), "procview-together-"));
});
after(async () => {
  rmSync(folder, { recursive: true });
  await nothingLeft();
});

test(`${CONTAINERS} containers bind ${FILES} files each at once, ${ROUNDS} times`, {
  skip: skip || lacks("cc"),
}, async (context) => {
  const program = join(folder, "starting-together");
  assert.equal(runProgram("cc", ["-O2", "-o", program, SOURCE]).status, 0);
  await using cgroups = new TestCgroups();
  await using mount = await mounted();
  const lines = Array.from({ length: CONTAINERS }, (_, number) => {
    const kib = 64 * KIB + number * 4;
    const id = String(number).padStart(64, "0");
    const { directories } = cgroups.make(`${cgroups.root}/docker/${id}`, { memoryBytes: kib * KIB });
    return `${kib} ${directories.join(" ")}\n`;
  });
  const { status, stdout, stderr } = runProgram(program, [mount.directory, String(ROUNDS)], lines.join(""));
  assert.equal(status, 0, stderr);
  const [binds, failed = 0, wrong] = stdout.trim().split(" ").map(Number);
  context.diagnostic(`${failed} of ${binds} mounts refused`);
  assert.equal(binds, CONTAINERS * ROUNDS * FILES);
  assert.ok(failed <= binds * MAX_REFUSED, stderr);
  assert.equal(wrong, 0, "containers that found another's memory");
});
