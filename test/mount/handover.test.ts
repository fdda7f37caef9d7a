// The session outlives whoever serves it: containers read all their files in a loop while the server or the agent is
// killed, stopped, upgraded. No read fails, no byte is wrong, and it is the same file system afterwards.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, describe, test } from "node:test";
import { requireAllRight } from "../readings.ts";
import { AgentRoot } from "./agents.ts";
import { TestCgroups } from "./cgroups.ts";
import { FAULTS, HANG_MILLIS, type NamedFault, STALL_MILLIS, settle } from "./faults.ts";
import { lacks, nothingLeft, SLOWNESS, skip } from "./harness.ts";
import { SteadyReaders } from "./steady-readers.ts";

after(nothingLeft);

const CONTAINERS = 5;
const ROUNDS = 3;
const MANY_CONTAINERS = 100;
/** In each of both ways; `npm run test:soak-handover` has 300. */
const MANY_FAULTS = Number(process.env["PROCVIEW_TEST_FAULTS"] ?? "25");
/** More readers than CPUs wait for each other too: that no reader hangs is told by far more than a server takes. */
const MANY_STALL_MILLIS = 4 * STALL_MILLIS;
const MEMORY_BYTES = 400 * 2 ** 20;
/** Pods have none, and to fill it takes an emulated machine a minute. */
const WITHOUT_SWAP = readFileSync("/proc/swaps", "utf8").includes("/") ? { memorySwapBytes: MEMORY_BYTES } : {};
const cannot = skip || lacks("cc") || lacks("python3");

const STALL_OF_ANY_MILLIS = HANG_MILLIS / SLOWNESS + MANY_STALL_MILLIS;

if (SLOWNESS === 1) {
  describeFaults("the kernel sends requests again, where it can", []);
  describeFaults("the journal has them", ["--no-resend"]);
} else {
  // As the kernel does it; each fault by itself would take too long.
  describe("no read fails on an emulated kernel", { skip: cannot }, () => {
    test("every fault, one after the other", () =>
      survive("each fault", killsFirst(FAULTS), 3, STALL_OF_ANY_MILLIS, []));
  });
}

function describeFaults(how: string, flags: readonly string[]): void {
  describe(`no read fails: ${how}`, { skip: cannot }, () => {
    for (const fault of FAULTS) {
      test(fault.name, () => survive(fault.name, Array(ROUNDS).fill(fault), CONTAINERS, fault.stallMillis, flags));
    }
    test("a hundred containers, one fault after the other", () => {
      const faults = Array.from({ length: MANY_FAULTS }, (_, at) => FAULTS[at % FAULTS.length] as NamedFault);
      return survive(`${MANY_FAULTS} faults`, killsFirst(faults), MANY_CONTAINERS, STALL_OF_ANY_MILLIS, flags);
    });
  });
}

async function survive(
  name: string,
  faults: readonly NamedFault[],
  containers: number,
  stallMillis: number,
  more: readonly string[],
): Promise<void> {
  await using cgroups = new TestCgroups();
  const cgroup = cgroups.make(`${cgroups.root}/agent`, { memoryBytes: MEMORY_BYTES, ...WITHOUT_SWAP });
  await using root = new AgentRoot();
  const flags = ["--hang-timeout", `${HANG_MILLIS}ms`, ...more];
  let agent = await root.start(flags, cgroup);
  const device = root.device();
  await using readers = new SteadyReaders(cgroups);
  await readers.start(containers, root.mountPoint, "a", containers < MANY_CONTAINERS ? "changing" : "own");
  await settle();
  const kills = faults.findIndex((fault) => fault.stallMillis > STALL_MILLIS);
  for (const [at, { inflict }] of faults.entries()) {
    agent = await inflict({ root, agent, flags, cgroup });
    await settle();
    if (at + 1 === kills) console.log(`${kills} kills: longest ${await longestOf(readers)} ms`);
  }
  const readings = await readers.end();
  requireAllRight(name, readings);
  const { reads, longestMillis } = readings;
  assert.ok(reads > 1000 / SLOWNESS, `${reads} reads`);
  assert.equal(root.device(), device, "the same file system");
  assert.ok(longestMillis <= stallMillis * SLOWNESS, `${longestMillis} ms`);
}

/** What is stopped is found out later: how long kills take is told before that. */
function killsFirst(faults: readonly NamedFault[]): NamedFault[] {
  return faults.toSorted((one, other) => one.stallMillis - other.stallMillis);
}

async function longestOf(readers: SteadyReaders): Promise<number> {
  return Math.max(...(await readers.progress()).map(({ longestMillis }) => longestMillis));
}
