// Containers among others, their threads, and what becomes of a reader whose cgroup vanishes.

import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { TestCgroups } from "./cgroups.ts";
import { lacks, mounted, nothingLeft, skip, until } from "./harness.ts";
import { limitBytes, memTotal, READ } from "./limit-numbers.ts";
import { nestedIn, sharingPidsOf, startContainer } from "./test-container.ts";

after(nothingLeft);

const ID = "5bc34a27136c4b50a68c3340e6b0bfe6d34b6c6b80e033a731e0fd1efbda1921";
const OTHER_ID = ID.replace("5", "6");
const UID = "4ded89b3-f9f0-4689-8703-2b92a091e742";
const POD = `kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod${UID.replaceAll("-", "_")}.slice`;

describe("containers among others", { skip }, () => {
  test("nested: each sees its own limit, and the outer's where that is smaller", async () => {
    await using mount = await mounted();
    await using cgroups = new TestCgroups();
    const outer = cgroups.make(`${cgroups.root}/lxc.payload.outer`, { memoryBytes: limitBytes(100) });
    const init = cgroups.make(`${outer.path}/init.scope`);
    const small = cgroups.make(`${outer.path}/docker/${ID}`, { memoryBytes: limitBytes(1) });
    const large = cgroups.make(`${outer.path}/docker/${OTHER_ID}`, { memoryBytes: limitBytes(200) });
    const options = { mount: mount.directory, first: READ };
    await using outerContainer = await startContainer({ ...options, cgroup: init });
    const namespaces = nestedIn(outerContainer);
    await using smallContainer = await startContainer({ ...options, cgroup: small, namespaces });
    await using largeContainer = await startContainer({ ...options, cgroup: large, namespaces });
    assert.equal(outerContainer.said(), memTotal(limitBytes(100)));
    assert.equal(smallContainer.said(), memTotal(limitBytes(1)));
    assert.equal(largeContainer.said(), memTotal(limitBytes(100)));
    large.set({ memoryBytes: limitBytes(50) });
    await until("the new limit shows", () => largeContainer.exec(READ) === memTotal(limitBytes(50)));
    assert.equal(outerContainer.exec(READ), memTotal(limitBytes(100)));
  });

  test("shareProcessNamespace: nobody sees the pause container, whose pid namespace it is", async () => {
    await using mount = await mounted();
    await using cgroups = new TestCgroups();
    const pod = `${cgroups.root}/${POD}`;
    cgroups.make(pod, { memoryBytes: limitBytes(300) });
    const pause = cgroups.make(`${pod}/cri-containerd-${ID}.scope`, { memoryBytes: limitBytes(2) });
    const app = cgroups.make(`${pod}/cri-containerd-${OTHER_ID}.scope`, { memoryBytes: limitBytes(3) });
    const options = { mount: mount.directory, first: READ };
    await using pauseContainer = await startContainer({ ...options, cgroup: pause });
    await using appContainer = await startContainer({
      ...options,
      cgroup: app,
      namespaces: sharingPidsOf(pauseContainer),
    });
    assert.equal(appContainer.exec("readlink /proc/self/ns/pid"), pauseContainer.exec("readlink /proc/self/ns/pid"));
    assert.equal(pauseContainer.said(), memTotal(limitBytes(2)));
    assert.equal(appContainer.said(), memTotal(limitBytes(3)));
    assert.equal(appContainer.exec(READ), memTotal(limitBytes(3)));
  });

  test("without a limit of its own, a container has its pod's", async () => {
    await using mount = await mounted();
    await using cgroups = new TestCgroups();
    const pod = cgroups.make(`${cgroups.root}/kubepods/besteffort/pod${UID}`, { memoryBytes: limitBytes(4) });
    const cgroup = cgroups.make(`${pod.path}/${ID}`, {});
    await using container = await startContainer({ cgroup, mount: mount.directory, first: READ });
    assert.equal(container.said(), memTotal(limitBytes(4)));
  });
});

/** A second thread reads, once with its process and once when the first thread has ended: exit(2), not exit_group(2). */
const THREADS = `
import ctypes, os, sys, threading, time
EXIT = {"x86_64": 60, "aarch64": 93}[os.uname().machine]
def read():
    time.sleep(0.5)
    states = open("/proc/self/stat").read().split(") ")[1][0]
    print(states, open(sys.argv[1]).readline().split()[1])
    sys.stdout.flush()
    os._exit(0)
print(open(sys.argv[1]).readline().split()[1], flush=True)
threading.Thread(target=read).start()
if sys.argv[2] == "exit": ctypes.CDLL(None).syscall(EXIT, 0)
`;

describe("threads", { skip: skip || lacks("python3") }, () => {
  for (const [first, state] of [
    ["stays", "S"],
    ["exit", "Z"],
  ] as const) {
    test(`one whose process's first thread ${first === "exit" ? "has ended" : "lives"}`, async () => {
      await using mount = await mounted();
      await using cgroups = new TestCgroups();
      const cgroup = cgroups.make(`${cgroups.root}/docker/${ID}`, { memoryBytes: limitBytes(5) });
      const file = `${mount.directory}/proc/meminfo`;
      const kib = limitBytes(5) / 1024;
      assert.equal(cgroup.run(`exec python3 -c '${THREADS}' '${file}' ${first}`), `${kib}\n${state} ${kib}\n`);
    });
  }
});

/** Reads for ever, tells what is new to it, and at USR1 how often it has read. */
const READER = `n=0
trap 'echo $n' USR1
while read -r name total unit </proc/meminfo; do
  n=$((n+1))
  [ "$total" = "$last" ] || echo "$name $total $unit"
  last=$total
done
echo failed`;

describe("a cgroup that vanishes", { skip }, () => {
  test("its reader, moved elsewhere, reads on what it was last", async () => {
    await using mount = await mounted();
    await using cgroups = new TestCgroups();
    const elsewhere = cgroups.make(`${cgroups.root}/elsewhere`);
    await using doomed = new TestCgroups();
    const cgroup = doomed.make(`${cgroups.root}/docker/${ID}`, { memoryBytes: limitBytes(6) });
    await using container = await startContainer({
      cgroup,
      mount: mount.directory,
      init: `sh -c '${READER.replaceAll("'", "'\\''")}'`,
    });
    await until("it reads", () => container.said() === memTotal(limitBytes(6)));
    elsewhere.take(container.pid);
    await doomed[Symbol.asyncDispose]();
    for (const _ of [1, 2, 3]) {
      const before = container.said();
      process.kill(container.pid, "SIGUSR1");
      await until("it tells how often it has read", () => container.said() !== before);
    }
    const [line, ...counts] = container.said().trim().split("\n");
    assert.equal(`${line}\n`, memTotal(limitBytes(6)));
    assert.ok(Number(counts[0]) < Number(counts[1]) && Number(counts[1]) < Number(counts[2]), counts.join());
    await until("it is said", () => mount.log().includes("served last good"));
  });
});
