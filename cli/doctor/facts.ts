// What `procview doctor` asks of a machine.

import { accessSync, constants, existsSync } from "node:fs";
import { findHierarchies, type Hierarchy } from "../../node-agent/container/hierarchies.ts";
import { FUSE_DEVICE } from "../../node-agent/fuse/device.ts";
import { HostFiles } from "../../node-agent/host/host-files.ts";
import { parseMountinfo } from "../../node-agent/procfs/mountinfo.ts";

export interface Facts {
  root: boolean;
  kernel: string;
  fuseDevice: boolean;
  cgroups: "v1" | "v2" | "hybrid" | "none";
  controllers: readonly string[];
  pressure: boolean;
  /** Whether pids here are those of the machine. */
  hostPids: boolean;
  rootPropagation: "shared" | "private";
  /** Sockets that container runtimes listen on. */
  runtimes: readonly string[];
  mountRoot: string;
  mounted: boolean;
  answers: boolean;
}

/** PROC_PID_INIT_INO of include/linux/proc_ns.h: the first of all has the same number everywhere. */
const INITIAL_PID_NAMESPACE = "pid:[4026531836]";

const SOCKETS = [
  "/run/containerd/containerd.sock",
  "/run/k3s/containerd/containerd.sock",
  "/run/crio/crio.sock",
  "/run/docker.sock",
  "/run/podman/podman.sock",
  "/run/isulad.sock",
];

export function gatherFacts(tree: Pick<Facts, "mountRoot" | "mounted" | "answers">): Facts {
  const files = new HostFiles();
  const hierarchies = hierarchiesOf(files);
  const mounts = parseMountinfo(files.text("proc/self/mountinfo"));
  return {
    root: process.geteuid?.() === 0,
    kernel: files.text("proc/sys/kernel/osrelease").trim(),
    fuseDevice: mayUse(FUSE_DEVICE),
    cgroups: cgroupsOf(hierarchies),
    controllers: [...new Set(hierarchies.flatMap(({ controllers }) => controllers))],
    pressure: files.has("proc/pressure/cpu"),
    hostPids: files.link("proc/self/ns/pid") === INITIAL_PID_NAMESPACE,
    rootPropagation:
      mounts.find(({ mountPoint }) => mountPoint === "/")?.peerGroup === undefined ? "private" : "shared",
    runtimes: SOCKETS.filter((socket) => existsSync(socket)),
    ...tree,
  };
}

function hierarchiesOf(files: HostFiles): Hierarchy[] {
  try {
    return findHierarchies(files);
  } catch {
    // None is mounted: that is a finding, not a failure.
    return [];
  }
}

function cgroupsOf(hierarchies: readonly Hierarchy[]): Facts["cgroups"] {
  const v1 = hierarchies.some(({ version }) => version === 1);
  const v2 = hierarchies.some(({ version }) => version === 2);
  if (v1 && v2) return "hybrid";
  if (v1) return "v1";
  return v2 ? "v2" : "none";
}

function mayUse(device: string): boolean {
  try {
    accessSync(device, constants.R_OK | constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
