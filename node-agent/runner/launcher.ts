// The thread that makes a container's namespaces. Threads of a process share none of theirs with it: this one gets a
// mount namespace of its own, and what it spawns a pid namespace, while the rest of the process stays on the host.
//
// The first process begins as a shell: only a process inside a pid namespace can mount a /proc that shows it. It then
// waits until it is in its cgroup and the files are bound, and becomes the command.

import { type ChildProcess, spawn } from "node:child_process";
import { closeSync } from "node:fs";
import type { Duplex } from "node:stream";
import { parentPort, workerData } from "node:worker_threads";
import {
  AT_FDCWD,
  attachMount,
  CLONE_NEWNS,
  CLONE_NEWPID,
  cloneMount,
  MNT_DETACH,
  MOUNT_ATTR_RDONLY,
  MS_PRIVATE,
  MS_REC,
  mount,
  setMountAttributes,
  umount2,
  unshare,
} from "../linux/syscalls.ts";
import { MOUNT_ATTRIBUTES } from "../session/fuse-mount.ts";
import { beginTimeNamespace } from "./time-namespace.ts";

export interface LaunchRequest {
  command: readonly string[];
  environment: NodeJS.ProcessEnv;
}

/** What to bind, said once the first process is in its cgroup. */
export interface BindRequest {
  mountFd: number;
  /** Below the mount, such as "containers/42/proc/meminfo", and where in the container. */
  binds: readonly Bind[];
  /** Files of the cgroup itself, by their path on the host: writable, since a trigger of pressure is written. */
  cgroupBinds: readonly Bind[];
}

export interface Bind {
  source: string;
  target: string;
}

export type LaunchMessage =
  /** Its /proc is mounted. */
  | { type: "started"; pid: number }
  | { type: "bound" }
  | { type: "exited"; code: number | null; signal: NodeJS.Signals | null };

const WRITABLE = MOUNT_ATTRIBUTES & ~MOUNT_ATTR_RDONLY;
const GATE_FD = 3;
const BECOME_COMMAND =
  'PATH=/usr/sbin:/usr/bin:/sbin:/bin mount -t proc -o nosuid,nodev,noexec proc /proc && echo >&3 && read -r _ <&3 && exec 3<&- && exec "$@"';

const { command, environment } = workerData as LaunchRequest;
const tell = (message: LaunchMessage): void => parentPort?.postMessage(message);

unshare(CLONE_NEWNS | CLONE_NEWPID);
beginTimeNamespace();
mount("none", "/", null, MS_REC | MS_PRIVATE, null);
const child: ChildProcess = spawn("/bin/sh", ["-c", BECOME_COMMAND, "sh", ...command], {
  stdio: ["inherit", "inherit", "inherit", "pipe"],
  env: environment,
});
child.once("exit", (code, signal) => tell({ type: "exited", code, signal }));
const gate = child.stdio[GATE_FD] as Duplex;
gate.once("data", () => tell({ type: "started", pid: child.pid ?? 0 }));

parentPort?.once("message", ({ mountFd, binds, cgroupBinds }: BindRequest) => {
  // Before Linux 6.15 only what is mounted somewhere can be cloned. /proc is a place that surely exists, and for this
  // moment nobody but the waiting shell can see it.
  attachMount(mountFd, "/proc");
  const clones = [
    ...binds.map(({ source, target }) => ({
      bindFd: cloneMount(mountFd, source),
      target,
      attributes: MOUNT_ATTRIBUTES,
    })),
    ...cgroupBinds.map(({ source, target }) => ({
      bindFd: cloneMount(AT_FDCWD, source),
      target,
      attributes: WRITABLE,
    })),
  ];
  umount2("/proc", MNT_DETACH);
  for (const { bindFd, target, attributes } of clones) {
    setMountAttributes(bindFd, attributes);
    attachMount(bindFd, target);
    closeSync(bindFd);
  }
  gate.end("\n");
  tell({ type: "bound" });
});
