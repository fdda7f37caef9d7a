import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { matchContainer } from "../../../node-agent/container/container-rules.ts";

const ID = "5bc34a27136c4b50a68c3340e6b0bfe6d34b6c6b80e033a731e0fd1efbda1921";
const UID = "4ded89b3-f9f0-4689-8703-2b92a091e742";
const SLICE = `/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod${UID.replaceAll("-", "_")}.slice`;

/** Path, the rule that must match and the part of the path that is the container's own cgroup. */
const CONTAINERS: readonly [string, string, string][] = [
  [`${SLICE}/cri-containerd-${ID}.scope`, "kubepods-systemd", ""],
  [`${SLICE}/crio-${ID}.scope`, "kubepods-systemd", ""],
  [`${SLICE}/crio-${ID}.scope`, "kubepods-systemd", "/container"],
  [
    `/kubepods.slice/kubepods-pod${UID}.slice/cri-containerd-${ID}.scope`,
    "kubepods-systemd",
    "/system.slice/a.service",
  ],
  [
    `/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-pod${UID}.slice/cri-containerd-${ID}.scope`,
    "kubepods-systemd",
    "",
  ],
  [`/system.slice/containerd.service/kubepods-burstable-pod${UID}.slice:cri-containerd:${ID}`, "kubepods-mixed", ""],
  [`/kubepods/burstable/pod${UID}/${ID}`, "kubepods-cgroupfs", ""],
  [`/kubepods/pod${UID}/${ID}`, "kubepods-cgroupfs", "/sub/sub"],
  [`/system.slice/k3s.service/kubepods/besteffort/pod${UID}/${ID}`, "kubepods-cgroupfs", ""],
  [`/docker/${ID}`, "docker", ""],
  [`/docker/${ID}`, "docker", "/init.scope"],
  [`/system.slice/docker-${ID}.scope`, "systemd-scope", ""],
  [`/machine.slice/libpod-${ID}.scope`, "systemd-scope", "/container"],
  [`/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-${ID}.scope`, "systemd-scope", "/container"],
  [`/user.slice/user-1000.slice/user@1000.service/app.slice/docker-${ID}.scope`, "systemd-scope", ""],
  [`/system.slice/nerdctl-${ID}.scope`, "systemd-scope", ""],
  [`/libpod_parent/libpod-${ID}`, "podman-cgroupfs", ""],
  [`/default/${ID}`, "containerd", ""],
  ["/default/web-1", "containerd", ""],
  [`/ecs/task-1/${ID}`, "ecs", ""],
  ["/lxc.payload.c1", "lxc", "/system.slice/foo.service"],
  ["/lxc.payload/c1", "lxc", ""],
  ["/lxc/c1", "lxc-legacy", "/init.scope"],
  ["/machine.slice/machine-web.scope", "nspawn", "/payload/system.slice"],
  ["/machine.slice/systemd-nspawn@web.service", "nspawn", "/payload"],
  ["/procview/run-77-a1b2", "procview", ""],
  // The innermost container wins.
  [`/lxc.payload.c1/docker/${ID}`, "docker", ""],
  [`/lxc.payload.c1/system.slice/docker-${ID}.scope`, "systemd-scope", "/x"],
  [`/docker/${ID.replace("5", "6")}/kubelet/kubepods/burstable/pod${UID}/${ID}`, "kubepods-cgroupfs", ""],
];

const HOST_PATHS: readonly string[] = [
  "/",
  "/init.scope",
  "/user.slice/user-0.slice/session-1.scope",
  "/system.slice/ssh.service",
  "/kubepods",
  `/kubepods/burstable/pod${UID}`,
  SLICE,
  `${SLICE}/crio-conmon-${ID}.scope`,
  "/lxc.monitor.c1",
  `/machine.slice/libpod-conmon-${ID}.scope`,
  "/machine.slice/machine-web.scope/supervisor",
  "/process_api/11d5ad977d91256c7117f4b76c70cc82",
  "/system.slice/docker.service",
  "/docker",
];

describe("matchContainer()", () => {
  for (const [own, rule, below] of CONTAINERS) {
    test(`${own.replaceAll(ID, "ID")}${below} is a container by ${rule}`, () => {
      const match = matchContainer(own + below);
      assert.equal(match?.rule, rule);
      assert.equal(match?.path, own);
    });
  }
  for (const path of HOST_PATHS) {
    test(`${path.replaceAll(ID, "ID")} is none`, () => assert.equal(matchContainer(path), undefined));
  }
});
