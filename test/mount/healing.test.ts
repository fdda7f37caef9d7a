// What the agent does by itself: files come and are mended without anybody asking, whatever containers do meanwhile.

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { after, describe, test } from "node:test";
import { Attacher } from "../../node-agent/attach/attacher.ts";
import { findContainers } from "../../node-agent/attach/find-containers.ts";
import { Healer } from "../../node-agent/attach/healer.ts";
import { isFine } from "../../node-agent/attach/outcomes.ts";
import { type ContainerReport, goRound, type Surroundings, type Wanted } from "../../node-agent/attach/round.ts";
import { asTheyAre, asTheyAreAndComplete } from "../../node-agent/attach/wanted.ts";
import type { Container } from "../../node-agent/container/container.ts";
import { Containers } from "../../node-agent/container/containers.ts";
import { findHierarchies } from "../../node-agent/container/hierarchies.ts";
import { ContainerResolver } from "../../node-agent/container/resolve-container.ts";
import { HostFiles } from "../../node-agent/host/host-files.ts";
import { parseMountinfo } from "../../node-agent/procfs/mountinfo.ts";
import { mountSource } from "../../node-agent/session/mount-names.ts";
import { entering, type TestCgroup, TestCgroups } from "./cgroups.ts";
import { nothingLeft, runProgram, SLOWNESS, skip, TEST_NAME, until } from "./harness.ts";
import { limitBytes, memTotal, READ } from "./limit-numbers.ts";
import { type NodeRoot, nodeRoot } from "./node-root.ts";
import { OWN_NAMESPACES, startContainer } from "./test-container.ts";

after(nothingLeft);

/** Others may run containers on this machine: only those of this test count. */
const isOurs = ({ identity: { path } }: Container) => path.includes(TEST_NAME);

function surroundings(node: NodeRoot, visitMillis = 5000): Surroundings & { containers: Containers } {
  const files = new HostFiles();
  return {
    files,
    containers: new Containers(files, new ContainerResolver(files, findHierarchies(files))),
    attacher: new Attacher({ homePid: "self", visitMillis }),
    homePid: "self",
    mountRoot: node.mountRoot,
    source: mountSource(node.mountRoot),
  };
}

/** Starts a healer; what each of its rounds reports of our containers. */
function healing(node: NodeRoot, wanted: Wanted, sweepMillis = 3_600_000) {
  const rounds: ContainerReport[][] = [];
  const healer = new Healer({
    ...surroundings(node),
    wanted: (container, present) => (isOurs(container) ? wanted(container, present) : undefined),
    sweepMillis,
    observer: {
      wentRound: (reports) => rounds.push(reports.filter(({ container }) => isOurs(container))),
      failed: (error) => assert.fail(String(error)),
    },
  });
  return { healer, rounds, [Symbol.asyncDispose]: () => healer.stop() };
}

const container = (cgroups: TestCgroups, number: number): TestCgroup =>
  cgroups.make(`${cgroups.root}/lxc.payload.${number}`, { memoryBytes: limitBytes(number) });

describe("a healer", { skip }, () => {
  test("attaches to containers as they come, and mends them when the tree is served anew", async () => {
    await using node = await nodeRoot();
    await using heal = healing(node, () => ["proc/meminfo", "proc/vmstat"]);
    await heal.healer.start();
    await using cgroups = new TestCgroups();
    const cgroup = container(cgroups, 1);
    await using first = await startContainer({ cgroup, mount: node.mountRoot, files: [] });
    // Its mounts are its own, so that none of them is told. The next mount of the host is.
    runProgram("mount", ["-t", "tmpfs", "none", `${node.root}`]);
    runProgram("umount", [node.root]);
    await until("the files are there", () => first.look(READ) === memTotal(limitBytes(1)));
    await node.loseSession();
    await node.serve();
    await until("they are mended", () => first.look(`${READ} 2>&1`) === memTotal(limitBytes(1)));
    assert.equal(heal.healer.counts.get("attached"), 2);
    // The copy of the host's mount that its namespace began with is mended as well. It is counted after it is seen.
    await until("it is counted", () => heal.healer.counts.get("reattached") === 3);
    const failures = [...heal.healer.counts.keys()].filter((outcome) => !isFine(outcome) && outcome !== "server-gone");
    assert.deepEqual(failures, []);
  });

  test("sweeps now and then, without any sign", async () => {
    await using node = await nodeRoot();
    await using cgroups = new TestCgroups();
    await using heal = healing(node, () => ["proc/meminfo"], 300);
    await heal.healer.start();
    await using first = await startContainer({ cgroup: container(cgroups, 2), mount: node.mountRoot, files: [] });
    await until("the file is there", () => first.look(READ) === memTotal(limitBytes(2)));
    first.exec("umount /proc/meminfo");
    await until("the file is back", () => first.look(READ) === memTotal(limitBytes(2)));
  });

  test("a container that has one file gets those that runtimes refuse; one that has none gets none", async () => {
    await using node = await nodeRoot();
    await using cgroups = new TestCgroups();
    const files = new HostFiles();
    await using heal = healing(node, asTheyAreAndComplete(files));
    await using opted = await startContainer({ cgroup: container(cgroups, 3), mount: node.mountRoot });
    await using other = await startContainer({ cgroup: container(cgroups, 4), mount: node.mountRoot, files: [] });
    const mountsOf = (pid: number) => readFileSync(`/proc/${pid}/mountinfo`, "utf8");
    const before = mountsOf(other.pid);
    await heal.healer.start();
    const targets = parseMountinfo(mountsOf(opted.pid)).map(({ mountPoint }) => mountPoint);
    for (const target of ["/proc/vmstat", "/proc/partitions"]) assert.ok(targets.includes(target), target);
    assert.equal(mountsOf(other.pid), before);
    const cpu = "/proc/pressure/cpu";
    const pressure = parseMountinfo(mountsOf(opted.pid)).find(({ mountPoint }) => mountPoint === cpu);
    const own = new Containers(files, new ContainerResolver(files, findHierarchies(files))).ofThread(opted.pid);
    assert.ok(typeof own === "object");
    if (files.has("proc/pressure/cpu")) {
      // The cgroup's own file where there is one (cgroup v2), whose triggers the kernel serves.
      assert.equal(pressure?.fsType, own.cgroups.pressure === undefined ? "fuse.procview" : "cgroup2");
      assert.match(opted.look(`cat ${cpu}`), /^some avg10=/);
    }
  });
});

describe("a file with the host's inode", { skip }, () => {
  test("is told by status, and replaced", async () => {
    await using node = await nodeRoot();
    await using cgroups = new TestCgroups();
    const cgroup = container(cgroups, 5);
    // Mounted before it is in its cgroup, as by a runtime that resolves the path outside.
    const script = `mount --bind '${node.mountRoot}/proc/meminfo' /proc/meminfo\n${entering(cgroup.directories)}\nexec sleep 1000`;
    const [launcher, ...flags] = OWN_NAMESPACES;
    const child = spawn(launcher as string, [...flags, "sh", "-c", script], { stdio: "ignore" });
    await until("it runs", () => cgroup.pids().length > 0);
    const pid = cgroup.pids()[0] as number;
    const read = () => runProgram("nsenter", [`--target=${pid}`, "--mount", "sh", "-c", READ]).stdout;
    try {
      assert.notEqual(read(), memTotal(limitBytes(5)));
      assert.match(node.command("status"), new RegExp(` ${pid} +host: meminfo`));
      assert.equal(node.attempt("check").status, 117);
      assert.match(node.command("remount", "--container", "5"), / replaced: meminfo/);
      assert.equal(read(), memTotal(limitBytes(5)));
      assert.match(node.command("status"), new RegExp(` ${pid} +own: meminfo`));
    } finally {
      process.kill(pid, "SIGKILL");
      await once(child, "exit");
    }
  });
});

describe("while all is looked at", { skip }, () => {
  test("a container that vanishes, and a number that is another process's, are told apart from faults", async () => {
    await using node = await nodeRoot();
    await using cgroups = new TestCgroups();
    const around = surroundings(node);
    const cgroup = container(cgroups, 6);
    const round = { wanted: () => ["proc/meminfo"] };
    {
      await using living = await startContainer({ cgroup, mount: node.mountRoot, files: [] });
      const found = findContainers(around.files, around.containers).filter(({ subject }) => subject.pid === living.pid);
      assert.equal(found.length, 1);
      const reused = found.map((one) => ({ ...one, subject: { ...one.subject, startTicks: 1 } }));
      assert.deepEqual(
        (await goRound(around, reused, round)).map(({ outcome }) => outcome),
        ["pid-reused"],
      );
      const gone = goRound(around, found, round);
      process.kill(living.pid, "SIGKILL");
      const [report] = await gone;
      // Before, while or after it was entered: whichever it was.
      const outcome = report?.outcome ?? report?.places[0]?.outcome ?? "vanished";
      assert.ok(["vanished", "attached", "moved-namespace", "no-source", "no-target"].includes(outcome), outcome);
    }
    around.attacher.close();
  });

  test("a file system that hangs holds nobody up, and once it answers all is well", async () => {
    await using node = await nodeRoot();
    await using cgroups = new TestCgroups();
    // Less than it takes until the server that hangs is replaced.
    const around = surroundings(node, 1500);
    await using first = await startContainer({ cgroup: container(cgroups, 7), mount: node.mountRoot, files: [] });
    const found = findContainers(around.files, around.containers).filter(({ container: one }) => isOurs(one));
    const round = { wanted: () => ["proc/meminfo"] };
    const hanging = node.server();
    process.kill(hanging, "SIGSTOP");
    try {
      const reports = await goRound(around, found, round);
      assert.deepEqual(
        reports.map(({ outcome }) => outcome),
        ["timed-out"],
      );
    } finally {
      process.kill(hanging, "SIGCONT");
    }
    await until("the process that hung is gone", () => around.attacher.stuck === 0);
    around.attacher.close();
    const patient = surroundings(node);
    const reports = await goRound(patient, found, round);
    assert.deepEqual(
      reports.map(({ places }) => places[0]?.outcome),
      ["attached"],
    );
    assert.equal(first.look(READ), memTotal(limitBytes(7)));
    patient.attacher.close();
  });
});

const NAMESPACES = 100;
const FIVE = ["proc/meminfo", "proc/cpuinfo", "proc/stat", "proc/uptime", "proc/loadavg"];
const LIMIT_MILLIS = 2000;
/** For machines that do other things meanwhile; what was measured is printed. */
const ALLOWANCE = 4;

describe("a lost session of many containers", { skip }, () => {
  test(`${NAMESPACES * FIVE.length} mounts in ${NAMESPACES} namespaces`, async (context) => {
    await using node = await nodeRoot();
    await using cgroups = new TestCgroups();
    const around = surroundings(node);
    const children: ChildProcess[] = [];
    const inside = Array.from({ length: NAMESPACES }, (_, number) => container(cgroups, number));
    try {
      for (const cgroup of inside) {
        const script = `${entering(cgroup.directories)}\nexec unshare --mount sleep 1000`;
        children.push(spawn("sh", ["-c", script], { stdio: "ignore" }));
      }
      const ours = () => findContainers(around.files, around.containers).filter(({ container: one }) => isOurs(one));
      await until("all run", () => ours().length === NAMESPACES, 60_000 * SLOWNESS);
      const timed = async (wanted: Wanted) => {
        const begin = performance.now();
        const reports = await goRound(around, ours(), { wanted });
        return { millis: Math.round(performance.now() - begin), reports };
      };
      const attached = await timed(() => FIVE);
      await node.loseSession();
      await node.serve();
      around.attacher.close();
      const healed = await timed(asTheyAre);
      const outcomes = healed.reports.flatMap(({ places }) =>
        places.filter(({ path }) => path !== "").map(({ outcome }) => outcome),
      );
      assert.deepEqual([outcomes.length, new Set(outcomes)], [NAMESPACES * FIVE.length, new Set(["reattached"])]);
      await timed(asTheyAre);
      const settled = await timed(asTheyAre);
      context.diagnostic(
        `attached in ${attached.millis} ms, healed in ${healed.millis} ms, looked at again in ${settled.millis} ms`,
      );
      const last = inside.at(-1)?.pids()[0];
      assert.equal(
        runProgram("nsenter", [`--target=${last}`, "--mount", "sh", "-c", READ]).stdout,
        memTotal(limitBytes(NAMESPACES - 1)),
      );
      assert.ok(healed.millis < LIMIT_MILLIS * ALLOWANCE * SLOWNESS, `${healed.millis} ms`);
    } finally {
      around.attacher.close();
      const exits = children.filter(({ exitCode }) => exitCode === null).map((child) => once(child, "exit"));
      for (const child of children) child.kill("SIGKILL");
      await Promise.all(exits);
    }
  });
});
