// Attaches and detaches mounts in another mount namespace. A thread of its own: who enters one does not come back.

import { closeSync, mkdirSync, openSync } from "node:fs";
import { parentPort, Worker, workerData } from "node:worker_threads";
import {
  attachMount,
  CLONE_FS,
  CLONE_NEWNS,
  MNT_DETACH,
  setns,
  UMOUNT_NOFOLLOW,
  umount2,
  unshare,
} from "./syscalls.ts";

interface Task {
  /** The file of a mount namespace, such as /proc/1/ns/mnt. */
  namespace: string;
  directory: string;
  /** What to attach there; without one, what is mounted there is detached. */
  mountFd?: number;
}

/** Makes `directory` in that namespace and attaches the mount there. Throws SyscallError. */
export function attachMountIn(namespace: string, mountFd: number, directory: string): Promise<void> {
  return done({ namespace, directory, mountFd });
}

/** Detaches what is mounted at `directory` in that namespace. Throws SyscallError: EINVAL where nothing is. */
export function detachMountIn(namespace: string, directory: string): Promise<void> {
  return done({ namespace, directory });
}

async function done(task: Task): Promise<void> {
  const worker = new Worker(new URL(import.meta.url), { workerData: task });
  await new Promise<void>((resolve, reject) => {
    worker.once("message", () => resolve());
    worker.once("error", reject);
  });
}

if (parentPort !== null && workerData !== null) {
  const { namespace, mountFd, directory } = workerData as Task;
  const fd = openSync(namespace, "r");
  unshare(CLONE_FS);
  setns(fd, CLONE_NEWNS);
  closeSync(fd);
  if (mountFd === undefined) umount2(directory, MNT_DETACH | UMOUNT_NOFOLLOW);
  else {
    mkdirSync(directory, { recursive: true });
    attachMount(mountFd, directory);
  }
  parentPort.postMessage("done");
}
