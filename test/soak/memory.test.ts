// `npm run test:soak`: memory and descriptors stay what they are over ten thousand containers that come and go, and over a
// million reads of which each is computed. Minutes, so not a part of `npm test`. PROCVIEW_SOAK_CONTAINERS and
// PROCVIEW_SOAK_READS make it shorter.

import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { RELEASE_INTERVAL_MILLIS } from "../../node-agent/linux/resident-memory.ts";
import { TestCgroups } from "../mount/cgroups.ts";
import { fileSystemProcessOf, lacks, type Mounted, mounted, nothingLeft, runProgram, skip } from "../mount/harness.ts";

const CONTAINERS = Number(process.env["PROCVIEW_SOAK_CONTAINERS"] ?? 10_000);
const READS = Number(process.env["PROCVIEW_SOAK_READS"] ?? 1_000_000);
const PARTS = 12;
/** Between two collections of garbage a heap may hold so much more than at another moment. */
const GROWTH_LIMIT_KIB = 8 * 1024;
const PART_SECONDS = 10;
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

/** Pages of Node's program come as they are touched: counted in the middle they tell when. Unused, they go in that time. */
const GIVE_BACK_MILLIS = RELEASE_INTERVAL_MILLIS + 1000;

/** Of both processes: heaps, and all else that is theirs alone; all that is resident; descriptors. */
interface Footprint {
  pids: string;
  anonymousKib: number;
  residentKib: number;
  files: number;
}

async function footprintOf(mount: Mounted): Promise<Footprint> {
  await sleep(GIVE_BACK_MILLIS);
  const pids = [mount.process.pid, fileSystemProcessOf(mount.process)];
  const print = { pids: pids.join(), anonymousKib: 0, residentKib: 0, files: 0 };
  for (const pid of pids) {
    const status = readFileSync(`/proc/${pid}/status`, "latin1");
    print.anonymousKib += Number(/^RssAnon:\s+(\d+)/m.exec(status)?.[1]);
    print.residentKib += Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]);
    print.files += readdirSync(`/proc/${pid}/fd`).length;
  }
  return print;
}

/** The least of the last third against the least of the second: what a moment's garbage adds is in neither. */
function assertFlat(prints: readonly Footprint[]): void {
  const third = Math.floor(prints.length / 3);
  const least = (part: readonly Footprint[], field: "anonymousKib" | "residentKib" | "files"): number =>
    Math.min(...part.map((print) => print[field]));
  const growth = (field: "anonymousKib" | "residentKib" | "files"): number =>
    least(prints.slice(-third), field) - least(prints.slice(third, 2 * third), field);
  assert.equal(new Set(prints.map(({ pids }) => pids)).size, 1, "no process was replaced");
  assert.ok(growth("anonymousKib") < GROWTH_LIMIT_KIB, JSON.stringify(prints));
  assert.ok(growth("residentKib") < GROWTH_LIMIT_KIB, JSON.stringify(prints));
  assert.ok(growth("files") < GROWTH_LIMIT_FILES, JSON.stringify(prints));
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
    const { stdout, stderr } = runProgram(program, [
      mount.directory,
      String(Math.ceil(CONTAINERS / PARTS)),
      ...parents,
    ]);
    assert.equal(stdout, "0\n", stderr);
    prints.push(await footprintOf(mount));
    context.diagnostic(`${(part + 1) * Math.ceil(CONTAINERS / PARTS)} containers: ${JSON.stringify(prints.at(-1))}`);
  }
  assertFlat(prints);
});

test(`${READS} reads`, { skip: skip || lacks("cc") }, async (context) => {
  const program = built("torn-reader");
  await using cgroups = new TestCgroups();
  await using mount = await mounted("--freshness", "0");
  const container = cgroups.make(`${cgroups.root}/docker/${"a".repeat(64)}`);
  const prints: Footprint[] = [];
  for (let reads = 0; reads < READS || prints.length < PARTS; ) {
    const counts = container.run(`exec ${program} ${mount.directory}/proc/stat ${PART_SECONDS} 4 65536`);
    reads += Number(counts.split(" ")[0]);
    prints.push(await footprintOf(mount));
    context.diagnostic(`${reads} reads: ${JSON.stringify(prints.at(-1))}`);
  }
  assertFlat(prints);
});
