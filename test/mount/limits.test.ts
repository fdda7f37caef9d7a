// Limits that change while a container runs: what it reads follows at once.

import assert from "node:assert/strict";
import { cpus } from "node:os";
import { after, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { RunLimits } from "../../node-agent/runner/run-limits.ts";
import { TestCgroups } from "./cgroups.ts";
import { mounted, nothingLeft, skip } from "./harness.ts";
import { startContainer } from "./test-container.ts";

after(nothingLeft);

const MIB = 2 ** 20;
const FILES = ["proc/meminfo", "proc/cpuinfo", "proc/stat", "sys/devices/system/cpu"];
/** In its first second nothing is kept of a container, and all limits show at once. */
const YOUNG_MILLIS = 1000;
const oneCpu = cpus().length < 2 ? "needs two CPUs" : false;

const MEMORY = "awk '/^MemTotal/ {print $2 / 1024}' /proc/meminfo";
const CPUS =
  "echo $(grep -c ^processor /proc/cpuinfo) $(grep -c ^cpu[0-9] /proc/stat) $(cat /sys/devices/system/cpu/online)";

interface Change {
  what: string;
  script: string;
  /** Limits, and what the script prints under them; one after the other. */
  steps: readonly (readonly [RunLimits, string])[];
  skip?: string | false;
}

const CHANGES: readonly Change[] = [
  {
    what: "memory",
    script: MEMORY,
    steps: [
      [{ memoryBytes: 64 * MIB }, "64"],
      [{ memoryBytes: 96 * MIB }, "96"],
      [{ memoryBytes: 48 * MIB }, "48"],
    ],
  },
  {
    what: "CPU quota",
    script: CPUS,
    steps: [
      [{ cpus: 2 }, "2 2 0-1"],
      [{ cpus: 0.5 }, "1 1 0"],
      [{ cpus: 1.5 }, "2 2 0-1"],
    ],
    skip: oneCpu,
  },
  {
    what: "cpuset",
    script: CPUS,
    steps: [
      [{ cpuset: [0, 1] }, "2 2 0-1"],
      [{ cpuset: [1] }, "1 1 1"],
      [{ cpuset: [0] }, "1 1 0"],
    ],
    skip: oneCpu,
  },
];

/** Fails where a read that began later than this after a change still shows what was before. */
function showsWithin(limitMillis: number, change: () => void, read: () => string, expected: string): void {
  change();
  const changedAt = performance.now();
  for (;;) {
    const begunAt = performance.now();
    const seen = read();
    if (seen === expected) return;
    assert.ok(begunAt - changedAt <= limitMillis, `${seen} instead of ${expected} after ${begunAt - changedAt} ms`);
  }
}

for (const [freshness, limitMillis] of [
  ["100ms", 200],
  ["0", 0],
] as const) {
  describe(`a limit that changes, with --freshness ${freshness}`, { skip }, () => {
    for (const { what, script, steps, skip: reason = false } of CHANGES) {
      test(`${what}: a read that begins ${limitMillis} ms later shows it`, { skip: reason }, async () => {
        await using mount = await mounted("--freshness", freshness);
        await using cgroups = new TestCgroups();
        const [first, ...rest] = steps as [Change["steps"][0], ...Change["steps"]];
        const cgroup = cgroups.make(`${cgroups.root}/docker/${"a".repeat(64)}`, first[0]);
        await using container = await startContainer({ cgroup, mount: mount.directory, files: FILES });
        const read = () => container.exec(script).trim();
        assert.equal(read(), first[1]);
        await sleep(YOUNG_MILLIS);
        assert.equal(read(), first[1]);
        for (const [limits, expected] of rest) showsWithin(limitMillis, () => cgroup.set(limits), read, expected);
      });
    }
  });
}
