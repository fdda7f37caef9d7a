// Many containers start at once: each finds itself, and none is refused a mount because another's walk changed what a name
// leads to (docs/adr/0014).

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { TestCgroups } from "./cgroups.ts";
import { lacks, mounted, nothingLeft, runProgram, skip } from "./harness.ts";

const CONTAINERS = 40;
const ROUNDS = 5;
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
}, async () => {
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
  const [binds, failed, wrong] = stdout.trim().split(" ").map(Number);
  assert.equal(binds, CONTAINERS * ROUNDS * FILES);
  assert.equal(failed, 0, stderr);
  assert.equal(wrong, 0, "containers that found another's memory");
});
