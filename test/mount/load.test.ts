// The load average follows the container's own threads as the kernel's does the machine's, in real time.

import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { TestCgroups } from "./cgroups.ts";
import { mounted, nothingLeft, SLOWNESS, skip, until } from "./harness.ts";
import { startContainer, type TestContainer } from "./test-container.ts";

after(nothingLeft);

const THREADS = 4;
const MINUTE = 60;
/** Threads are counted every five seconds; what is read is as much older, and a little more where the machine is busy. */
const LAG_SECONDS = 5 + 1.5 * SLOWNESS;
/** Rounded to two digits, and the shell that reads may be counted at work for its moment. */
const ROUNDING = 0.03;

const rising = (seconds: number, minutes: number) => THREADS * (1 - Math.exp(-Math.max(0, seconds) / MINUTE / minutes));
const falling = (seconds: number) => Math.exp(-Math.max(0, seconds) / MINUTE);

/** Two busy threads of one process, whose main thread waits. */
const BUSY_PROCESS = `${process.execPath} -e 'const { Worker } = require("worker_threads"); for (const _ of [1, 2]) new Worker("for (;;);", { eval: true });'`;
const BUSY_SHELL = "sh -c 'while :; do :; done'";

interface Shown {
  loads: readonly number[];
  running: number;
  threads: number;
  lastPid: number;
}

function read(container: TestContainer): Shown {
  const [one, five, fifteen, counts, lastPid] = container.look("cat /proc/loadavg").trim().split(" ");
  const [running, threads] = (counts as string).split("/").map(Number) as [number, number];
  return { loads: [Number(one), Number(five), Number(fifteen)], running, threads, lastPid: Number(lastPid) };
}

describe("/proc/loadavg", { skip }, () => {
  test("four busy threads, at any depth: 4 (1 - e^(-t/60)), and e^(-t/60) once they end", async () => {
    await using mount = await mounted();
    await using cgroups = new TestCgroups();
    const cgroup = cgroups.make(`${cgroups.root}/docker/${"a".repeat(64)}`);
    const below = cgroups.make(`${cgroup.path}/one`);
    const deep = cgroups.make(`${cgroup.path}/one/two/three`);
    const files = ["proc/loadavg"];
    await using container = await startContainer({ cgroup, mount: mount.directory, files });
    assert.deepEqual(read(container).loads, [0, 0, 0]);

    const begun = performance.now();
    const seconds = (since: number) => (performance.now() - since) / 1000;
    container.start(BUSY_SHELL, cgroup);
    container.start(BUSY_PROCESS, below);
    container.start(BUSY_SHELL, deep);
    for (const instant of [15, 30, 50, 70]) {
      await sleep(instant * 1000 - seconds(begun) * 1000);
      const { loads } = read(container);
      for (const [place, minutes] of [1, 5, 15].entries()) {
        const load = loads[place] as number;
        const most = rising(seconds(begun) + SLOWNESS, minutes) + ROUNDING;
        const least = rising(seconds(begun) - LAG_SECONDS, minutes) - ROUNDING;
        assert.ok(load >= least && load <= most, `${minutes} min: ${least} <= ${load} <= ${most}, at ${instant} s`);
      }
    }

    const { running, threads, lastPid } = read(container);
    assert.equal(running, THREADS);
    assert.equal(threads, cgroup.tids().length);
    // In a pid namespace of its own, the host's numbers are of no use: a few processes have been in this one.
    assert.ok(lastPid > 0 && lastPid < 100, `last pid ${lastPid}`);

    const busySeconds = seconds(begun);
    for (const pid of cgroup.pids()) if (pid !== container.pid) process.kill(pid, "SIGKILL");
    await until("the work has ended", () => cgroup.pids().length === 1);
    const ended = performance.now();
    for (const instant of [10, 20]) {
      await sleep(instant * 1000 - seconds(ended) * 1000);
      const [load] = read(container).loads as [number];
      const least = rising(busySeconds - LAG_SECONDS, 1) * falling(seconds(ended) + LAG_SECONDS) - ROUNDING;
      const most = rising(busySeconds, 1) * falling(seconds(ended) - LAG_SECONDS) + ROUNDING;
      assert.ok(load >= least && load <= most, `${least} <= ${load} <= ${most}, ${instant} s after`);
    }
  });
});
