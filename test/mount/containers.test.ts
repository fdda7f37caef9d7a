// Who is a container, by the names that every runtime gives its cgroups: limits tell whom a reader was taken for.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { TestCgroups } from "./cgroups.ts";
import { type Mounted, mounted, nothingLeft, skip, TEST_NAME } from "./harness.ts";
import { limitBytes, memTotal, READ, readOf } from "./limit-numbers.ts";
import { startContainer } from "./test-container.ts";

after(nothingLeft);

const ID = "5bc34a27136c4b50a68c3340e6b0bfe6d34b6c6b80e033a731e0fd1efbda1921";
const OTHER_ID = ID.replace("5", "6");
const UID = "4ded89b3-f9f0-4689-8703-2b92a091e742";
const SYSTEMD_UID = UID.replaceAll("-", "_");
const BURSTABLE = `kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod${SYSTEMD_UID}.slice`;
const BESTEFFORT = `kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod${SYSTEMD_UID}.slice`;
const ROOTLESS = "user.slice/user-1000.slice/user@1000.service/user.slice";

const HOST = readFileSync("/proc/meminfo", "utf8").split("\n", 1)[0]?.replaceAll(/ +/g, " ");

/** Runtime, and the cgroup it gives a container. From the root where it begins with "/", else below ours. */
const CONTAINERS: readonly (readonly [string, string])[] = [
  ["kubelet (cgroupfs, guaranteed)", `kubepods/pod${UID}/${ID}`],
  ["kubelet (cgroupfs, burstable)", `kubepods/burstable/pod${UID}/${ID}`],
  ["kubelet (cgroupfs, besteffort)", `kubepods/besteffort/pod${UID}/${ID}`],
  [
    "kubelet (systemd, guaranteed), containerd",
    `kubepods.slice/kubepods-pod${SYSTEMD_UID}.slice/cri-containerd-${ID}.scope`,
  ],
  ["kubelet (systemd, burstable), CRI-O", `${BURSTABLE}/crio-${ID}.scope`],
  ["kubelet (systemd, besteffort), docker", `${BESTEFFORT}/docker-${ID}.scope`],
  ["kubelet (systemd), containerd (cgroupfs)", `kubepods-burstable-pod${SYSTEMD_UID}.slice:cri-containerd:${ID}`],
  [
    "kubelet of kind, in docker",
    `docker/${OTHER_ID}/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-pod${SYSTEMD_UID}.slice/cri-containerd-${ID}.scope`,
  ],
  ["docker (cgroupfs)", `docker/${ID}`],
  ["docker (systemd)", `system.slice/docker-${ID}.scope`],
  ["docker, rootless", `${ROOTLESS}/docker-${ID}.scope`],
  ["podman (cgroupfs)", `libpod_parent/libpod-${ID}`],
  ["podman (systemd)", `machine.slice/libpod-${ID}.scope`],
  ["podman, rootless", `${ROOTLESS}/libpod-${ID}.scope`],
  ["nerdctl", `system.slice/nerdctl-${ID}.scope`],
  ["containerd", `/default/${TEST_NAME}`],
  ["ECS", `ecs/task-1/${ID}`],
  ["LXC 4", "lxc.payload.web"],
  ["LXC 3", "lxc.payload/web"],
  ["LXC 2", `/lxc/${TEST_NAME}`],
  ["systemd-nspawn", "machine.slice/machine-web.scope"],
  ["systemd-nspawn, as a service", "machine.slice/systemd-nspawn@web.service"],
];

const HOST_CGROUPS: readonly (readonly [string, string])[] = [
  ["conmon of CRI-O", `${BURSTABLE}/crio-conmon-${ID}.scope`],
  ["conmon of podman", `machine.slice/libpod-conmon-${ID}.scope`],
  ["the supervisor of systemd-nspawn", "machine.slice/machine-web.scope/supervisor"],
  ["the monitor of LXC", "lxc.monitor.web"],
  ["a service", "system.slice/ssh.service"],
];

describe("a container of", { skip }, () => {
  let mount: Mounted;
  before(async () => {
    mount = await mounted();
  });
  after(() => mount[Symbol.asyncDispose]());
  for (const [number, [runtime, path]] of CONTAINERS.entries()) {
    test(runtime, async () => {
      await using cgroups = new TestCgroups();
      const cgroup = cgroups.make(path.startsWith("/") ? path : `${cgroups.root}/${path}`, {
        memoryBytes: limitBytes(number),
      });
      const below = cgroups.make(`${cgroup.path}/system.slice/a.service`);
      await using container = await startContainer({ cgroup, mount: mount.directory, first: READ });
      const walk = readOf(`${mount.directory}/proc/meminfo`);
      const seen = {
        "its first process": container.said(),
        "one that was exec'ed": container.exec(READ),
        "one in a cgroup below": container.exec(READ, below),
        "one that walks to the mount itself": container.exec(walk, below),
        "one in the host's pid namespace": cgroup.run(walk),
      };
      for (const [reader, line] of Object.entries(seen)) assert.equal(line, memTotal(limitBytes(number)), reader);
      assert.equal(mount.log(), "");
    });
  }

  test("a runtime that no rule knows, by its pid namespace", async () => {
    await using cgroups = new TestCgroups();
    const cgroup = cgroups.make(`${cgroups.root}/jail/one`, { memoryBytes: limitBytes(1) });
    const below = cgroups.make(`${cgroup.path}/below`);
    await using container = await startContainer({ cgroup, mount: mount.directory, first: READ });
    assert.equal(container.said(), memTotal(limitBytes(1)));
    assert.equal(container.exec(READ, below), memTotal(limitBytes(1)));
    assert.equal(cgroup.run(readOf(`${mount.directory}/proc/meminfo`)), `${HOST}\n`);
  });
});

describe("no container is", { skip }, () => {
  let mount: Mounted;
  before(async () => {
    mount = await mounted();
  });
  after(() => mount[Symbol.asyncDispose]());
  for (const [what, path] of HOST_CGROUPS) {
    test(what, async () => {
      await using cgroups = new TestCgroups();
      const cgroup = cgroups.make(`${cgroups.root}/${path}`, { memoryBytes: limitBytes(0) });
      assert.equal(cgroup.run(readOf(`${mount.directory}/proc/meminfo`)), `${HOST}\n`);
    });
  }
});
