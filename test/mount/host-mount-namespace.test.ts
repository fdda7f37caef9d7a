// An agent in a pod: in mount and cgroup namespaces of its own, with the host's pids, serving in the host's namespace. It
// sees what is mounted below its root as a volume with mountPropagation HostToContainer lets it.

import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { requireAllRight } from "../readings.ts";
import { AgentRoot, kill, said } from "./agents.ts";
import { TestCgroups } from "./cgroups.ts";
import { settle } from "./faults.ts";
import { lacks, nothingLeft, readThrough, runProgram, skip, until } from "./harness.ts";
import { SteadyReaders } from "./steady-readers.ts";

after(nothingLeft);

const cannot = skip || lacks("cc") || lacks("unshare");
/** What is mounted there by one namespace appears in those that are its peers or slaves. */
function shared(directory: string): Disposable {
  for (const flags of [["--bind", directory], ["--make-shared"]]) {
    assert.equal(runProgram("mount", [...flags, directory]).status, 0);
  }
  return { [Symbol.dispose]: () => runProgram("umount", ["-l", directory]) };
}

const FLAGS = ["--host-mount-namespace", `/proc/${process.pid}/ns/mnt`];

/** With "slave" mounts of the host appear in the pod, with "private" none does: the agent must not need them to. */
for (const propagation of ["slave", "private"]) {
  describe(`in a mount namespace of its own, ${propagation}`, { skip: cannot }, () => {
    test("serves the host, and the next one where it served; ready, and nothing stacks", async () => {
      await using cgroups = new TestCgroups();
      const pod = cgroups.make(`${cgroups.root}/agent`, {});
      await using root = new AgentRoot(["unshare", "--mount", `--propagation=${propagation}`, "--cgroup"]);
      using _volume = shared(root.directory);
      const first = await root.start(FLAGS, pod);
      const device = root.device();
      assert.ok(device !== undefined, first.log());
      assert.match(readThrough(`${root.mountPoint}/proc/meminfo`), /^MemTotal: /);
      assert.deepEqual(await first.ask("/readyz"), { status: 200, text: "ok\n" });
      await using readers = new SteadyReaders(cgroups);
      await readers.start(3, root.mountPoint, "n");
      await settle();
      for (let round = 0; round < 2; round += 1) {
        for (const pid of pod.pids()) kill(pid);
        await until("the keeper stands in", async () => (await root.keeperStatus())["stands-in"] === 1);
        await readers.progress();
        const next = await root.start(FLAGS, pod);
        assert.equal(root.device(), device, "the same file system");
        assert.equal(root.mounts(), 1);
        assert.deepEqual(await next.ask("/readyz"), { status: 200, text: "ok\n" });
        assert.ok(!said(next, "cannot look after containers"), next.log());
      }
      requireAllRight(propagation, await readers.end());
    });

    test("after the keeper is killed too, begins anew over what is left, on the host; --unmount-on-exit takes it along", async () => {
      await using cgroups = new TestCgroups();
      const pod = cgroups.make(`${cgroups.root}/agent`, {});
      await using root = new AgentRoot(["unshare", "--mount", `--propagation=${propagation}`, "--cgroup"]);
      using _volume = shared(root.directory);
      const first = await root.start(FLAGS, pod);
      for (const pid of [...pod.pids(), ...root.keeperPids()]) kill(pid);
      await until("all are gone", () => pod.pids().length === 0 && first.process.signalCode !== null);
      assert.equal(root.mounts(), 1, "a dead mount is left");
      const next = await root.start([...FLAGS, "--unmount-on-exit"], pod);
      assert.equal(root.mounts(), 1);
      assert.match(readThrough(`${root.mountPoint}/proc/meminfo`), /^MemTotal: /);
      kill(next.pid, "SIGTERM");
      await until("it has ended", () => next.process.exitCode !== null);
      assert.equal(root.mounts(), 0, next.log());
    });
  });
}
