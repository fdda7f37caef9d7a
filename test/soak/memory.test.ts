// `npm run test:soak`: memory and descriptors stay what they are over ten thousand containers that come and go, and over a
// million reads. Minutes, so not a part of `npm test`. PROCVIEW_SOAK_CONTAINERS makes it shorter.

import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { TestCgroups } from "../mount/cgroups.ts";
import {
  fileSystemProcessOf,
  lacks,
  type Mounted,
  mounted,
  nothingLeft,
  procview,
  runProgram,
  skip,
} from "../mount/harness.ts";

const CONTAINERS = Number(process.env["PROCVIEW_SOAK_CONTAINERS"] ?? 10_000);
const READS = 1_000_000;
const PARTS = 10;
const GROWTH_LIMIT_KIB = 12 * 1024;
/** What workers keep open is closed when it is unused, at the next request after that: so many stand open at most. */
const GROWTH_LIMIT_FILES = 2000;
const PROGRAMS = new URL("../mount/programs/", import.meta.url).pathname;
let folder: string;

before(() => {
  folder = mkdtempSync(join(tmpdir(), "procview-soak-"));
});
after(async () => {
  rmSync(folder, { recursive: true });
  await nothingLeft();
});

function built(name: string): string {
  const program = join(folder, name);
  assert.equal(runProgram("cc", ["-O2", "-pthread", "-o", program, `${PROGRAMS}${name}.c`]).status, 0);
  return program;
}

interface Footprint {
  privateKib: number;
  files: number;
}

function footprintOf(mount: Mounted): Footprint {
  const pid = fileSystemProcessOf(mount.process);
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, "latin1");
  const privateKib = Number(/^Private_Dirty:\s+(\d+)/m.exec(rollup)?.[1]);
  return { privateKib, files: readdirSync(`/proc/${pid}/fd`).length };
}

test(`${CONTAINERS} containers come and go`, { skip: skip || lacks("cc") }, async (context) => {
  const program = built("come-and-go");
  await using cgroups = new TestCgroups();
  await using mount = await mounted();
  const prints: Footprint[] = [];
  for (let part = 0; part < PARTS; part += 1) {
    const { directories } = cgroups.make(`${cgroups.root}/part${part}/docker`);
    // A new cgroup of v1's cpuset controller takes no process until it is given CPUs.
    const parents = directories.filter((directory) => !directory.includes("/cpuset/"));
    const { stdout, stderr } = runProgram(program, [mount.directory, String(CONTAINERS / PARTS), ...parents]);
    assert.equal(stdout, "0\n", stderr);
    prints.push(footprintOf(mount));
    context.diagnostic(`${((part + 1) * CONTAINERS) / PARTS} containers: ${JSON.stringify(prints.at(-1))}`);
  }
  const [settled, last] = [prints[2], prints.at(-1)] as [Footprint, Footprint];
  assert.ok(last.privateKib - settled.privateKib < GROWTH_LIMIT_KIB, JSON.stringify(prints));
  assert.ok(last.files - settled.files < GROWTH_LIMIT_FILES, JSON.stringify(prints));
});

test(`${READS} reads`, { skip: skip || lacks("cc") }, () => {
  const program = built("torn-reader");
  const { stdout, status, stderr } = procview("run", "-m", "200m", "--", program, "/proc/stat", "12", "2", "65536");
  const [reads = 0] = stdout.split(" ").map(Number);
  assert.equal(status, 0, stderr);
  assert.ok(reads >= READS, `${reads} reads in 12 s`);
});
