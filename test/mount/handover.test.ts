// The session outlives whoever serves it: containers read all their files in a loop while the server or the agent is
// killed, stopped, upgraded. No read fails, no byte is wrong, and it is the same file system afterwards.

import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { AgentRoot } from "./agents.ts";
import { TestCgroups } from "./cgroups.ts";
import { FAULTS, HANG_MILLIS, type NamedFault, settle } from "./faults.ts";
import { lacks, nothingLeft, SLOWNESS, skip } from "./harness.ts";
import { SteadyReaders } from "./steady-readers.ts";

after(nothingLeft);

/** `npm run test:soak` has a hundred containers and fifty rounds. */
const CONTAINERS = Number(process.env["PROCVIEW_TEST_CONTAINERS"] ?? "5");
const ROUNDS = Number(process.env["PROCVIEW_TEST_ROUNDS"] ?? "3");
const MEMORY_BYTES = 400 * 2 ** 20;
const cannot = skip || lacks("cc") || lacks("python3");

for (const [how, flags] of [
  ["the kernel sends requests again, where it can", []],
  ["the journal has them", ["--no-resend"]],
] as const) {
  describe(`no read fails: ${how}`, { skip: cannot }, () => {
    for (const fault of FAULTS) test(fault.name, () => survives(fault, flags));
  });
}

async function survives({ name, inflict, stallMillis }: NamedFault, more: readonly string[]): Promise<void> {
  await using cgroups = new TestCgroups();
  const cgroup = cgroups.make(`${cgroups.root}/agent`, { memoryBytes: MEMORY_BYTES });
  await using root = new AgentRoot();
  const flags = ["--hang-timeout", `${HANG_MILLIS}ms`, ...more];
  let agent = await root.start(flags, cgroup);
  const device = root.device();
  await using readers = new SteadyReaders(cgroups);
  await readers.start(CONTAINERS, root.mountPoint, "a");
  await settle();
  for (let round = 0; round < ROUNDS; round += 1) {
    agent = await inflict({ root, agent, flags, cgroup });
    await settle();
  }
  const { reads, failed, wrong, longestMillis, said } = await readers.end();
  console.log(`${name}: ${reads} reads, ${failed} failed, ${wrong} wrong, longest ${longestMillis} ms`);
  assert.deepEqual({ failed, wrong }, { failed: 0, wrong: 0 }, said);
  assert.ok(reads > 1000, `${reads} reads`);
  assert.equal(root.device(), device, "the same file system");
  assert.ok(longestMillis <= stallMillis * SLOWNESS, `${longestMillis} ms`);
}
