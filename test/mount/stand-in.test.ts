// While no server runs, the keeper stands in: readers get what they saw last. As long as a pod is gone, for seconds.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { requireAllRight } from "../readings.ts";
import { AgentRoot, kill, residentKib, type TestAgent } from "./agents.ts";
import { type TestCgroup, TestCgroups } from "./cgroups.ts";
import { STALL_MILLIS, settle } from "./faults.ts";
import { lacks, nothingLeft, SLOWNESS, skip, until } from "./harness.ts";
import { type Progress, SteadyReaders } from "./steady-readers.ts";
import { startContainer } from "./test-container.ts";

after(nothingLeft);

const cannot = skip || lacks("cc");
const MIB = 2 ** 20;
/** So long a DaemonSet may take to start the next pod. */
const GONE_MILLIS = 5000;
/** An emulated kernel takes longer than the default for what is tried here. */
const GRACE = ["--grace", "600s"];

for (const [how, flags] of [
  ["the kernel sends requests again, where it can", []],
  ["the journal has them", ["--no-resend"]],
] as const) {
  describe(`while the pod is gone: ${how}`, { skip: cannot }, () => {
    test("reads go on, with what was there last; a limit that changes meanwhile shows afterwards", async () => {
      await using cgroups = new TestCgroups();
      const pod = cgroups.make(`${cgroups.root}/agent`, {});
      await using root = new AgentRoot();
      const agent = await root.start([...GRACE, ...flags], pod);
      await using readers = new SteadyReaders(cgroups);
      await readers.start(5, root.mountPoint, "s");
      const limited = cgroups.make(`${cgroups.root}/docker/${"e".repeat(64)}`, { memoryBytes: 64 * MIB });
      await using container = await startContainer({ cgroup: limited, mount: root.mountPoint });
      const memTotalMib = (): number =>
        Number(/MemTotal: +(\d+) kB/.exec(container.look("cat /proc/meminfo"))?.[1]) / 1024;
      await settle();
      assert.equal(memTotalMib(), 64);
      await deletePod(agent, pod);
      await until("the keeper stands in", async () => (await root.keeperStatus())["stands-in"] === 1);
      const [first, since] = [await readers.progress(), performance.now()];
      limited.set({ memoryBytes: 128 * MIB });
      await sleep(GONE_MILLIS);
      assert.equal(memTotalMib(), 64, "as it was");
      const last = await readers.progress();
      const seconds = (performance.now() - since) / 1000;
      const each = last.map(({ reads }, at) => (reads - (first[at] as Progress).reads) / seconds);
      // At least one an answer's validity, of each file: a reader that hangs makes none.
      assert.ok(
        each.every((reads) => reads > 50 / SLOWNESS),
        `reads a second: ${each}`,
      );
      const { answers = 0, leases } = await root.keeperStatus();
      assert.ok(answers > 10 && leases === 0, `${answers} answers, ${leases} leases`);
      const next = await root.start([...GRACE, ...flags], pod);
      assert.equal(memTotalMib(), 128);
      const { text } = await next.ask("/metrics");
      const stoodIn = Number(/^procview_stood_in_seconds_total (.+)$/m.exec(text)?.[1]);
      assert.ok(stoodIn >= GONE_MILLIS / 1000, `${stoodIn} s`);
      assert.ok(Number(/^procview_stood_in_answers_total (.+)$/m.exec(text)?.[1]) >= answers);
      assert.equal((await root.keeperStatus())["stands-in"], 0);
      const readings = await readers.end();
      requireAllRight(`pod gone for ${seconds.toFixed(1)} s`, readings, agent.log() + next.log());
      assert.ok(readings.longestMillis <= STALL_MILLIS * SLOWNESS, `${readings.longestMillis} ms`);
    });

    test("what only a server can answer is left to the next, also who is killed waiting for it goes", async () => {
      await using cgroups = new TestCgroups();
      const pod = cgroups.make(`${cgroups.root}/agent`, {});
      await using root = new AgentRoot();
      const agent = await root.start([...GRACE, ...flags], pod);
      // Before the kernel has the answer to INIT, which only a server can give, every other request waits in the kernel.
      await until("it answers", async () => (await agent.ask("/readyz")).status === 200);
      await deletePod(agent, pod);
      await until("the keeper stands in", async () => (await root.keeperStatus())["stands-in"] === 1);
      // Whose view they want is only known to who looks at their cgroups. Another name each: those who walk to the same
      // wait for each other in the kernel.
      const cats = ["uptime", "loadavg", "meminfo", "stat"].map((name) =>
        spawn("cat", [join(root.mountPoint, "proc", name)], { stdio: ["ignore", "pipe", "inherit"] }),
      );
      const [killed, interrupted] = cats as [(typeof cats)[0], (typeof cats)[0]];
      await until("they wait", async () => ((await root.keeperStatus())["left"] as number) >= cats.length);
      console.log(`keeper: ${residentKib(root.keeperPids()[0] as number)} KiB resident`);
      assert.ok(residentKib(root.keeperPids()[0] as number) <= 2048);
      interrupted.kill("SIGCONT");
      const gone = once(killed, "exit");
      killed.kill("SIGKILL");
      assert.deepEqual(await gone, [null, "SIGKILL"]);
      const starting = startContainer({
        cgroup: cgroups.make(`${cgroups.root}/docker/${"f".repeat(64)}`, { memoryBytes: 96 * MIB }),
        mount: root.mountPoint,
        first: "cat /proc/meminfo",
      });
      const answers = cats.slice(1).map(async ({ stdout }) => {
        let text = "";
        for await (const chunk of stdout) text += String(chunk);
        return text;
      });
      await root.start([...GRACE, ...flags], pod);
      const [loadavg, meminfo, stat] = await Promise.all(answers);
      assert.match(`${loadavg}`, /^\d+\.\d\d /);
      assert.match(`${meminfo}`, /^MemTotal: /);
      assert.match(`${stat}`, /^cpu {2}/);
      await using container = await starting;
      assert.match(container.said(), new RegExp(`^MemTotal: +${96 * 1024} kB`));
    });
  });
}

/** All of its processes at once, and none comes after them. */
async function deletePod({ process: agent }: TestAgent, pod: TestCgroup): Promise<void> {
  const exited = once(agent, "exit");
  for (const pid of pod.pids()) kill(pid);
  await exited;
}
