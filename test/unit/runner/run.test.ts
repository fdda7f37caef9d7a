import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { settingsOf } from "../../../node-agent/runner/run-cgroup.ts";
import { signalAction, statusOfSignal } from "../../../node-agent/runner/signals.ts";

test("settingsOf() writes each limit as v1 and v2 want it", () => {
  const settings = settingsOf({ memoryBytes: 200, memorySwapBytes: 300, cpus: 1.5, cpuset: [0, 1, 3], pids: 7 });
  assert.deepEqual(
    settings.map(({ v1, valueV1, v2, valueV2 }) => `${v1}=${valueV1} ${v2}=${valueV2}`),
    [
      "memory.limit_in_bytes=200 memory.max=200",
      "memory.memsw.limit_in_bytes=300 memory.swap.max=100",
      "cpu.cfs_quota_us=150000 cpu.max=150000 100000",
      "cpuset.cpus=0-1,3 cpuset.cpus=0-1,3",
      "pids.max=7 pids.max=7",
    ],
  );
  assert.deepEqual(settingsOf({}), []);
  assert.equal(settingsOf({ memoryBytes: 200, memorySwapBytes: "max" })[1]?.valueV2, "max");
});

describe("signalAction()", () => {
  const status = (caught: bigint, ignored: bigint) => ({
    nsPids: [],
    tgid: 1,
    caughtSignals: caught,
    ignoredSignals: ignored,
  });
  const TERM = 1n << 14n;
  test("delivers what the command handles", () => assert.equal(signalAction(status(TERM, 0n), "SIGTERM"), "deliver"));
  test("leaves alone what it ignores", () => assert.equal(signalAction(status(0n, TERM), "SIGTERM"), "nothing"));
  test("kills where the default action would", () => assert.equal(signalAction(status(0n, 0n), "SIGTERM"), "kill"));
  test("statusOfSignal() is 128 and the number", () => assert.equal(statusOfSignal("SIGTERM"), 143));
});
