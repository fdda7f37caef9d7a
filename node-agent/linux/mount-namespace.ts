// Attaches a mount in another mount namespace. A thread of its own: who enters one does not come back.

import { closeSync, mkdirSync, openSync } from "node:fs";
import { parentPort, Worker, workerData } from "node:worker_threads";
import { attachMount, CLONE_FS, CLONE_NEWNS, setns, unshare } from "./syscalls.ts";

interface Task {
  namespace: string;
  mountFd: number;
  directory: string;
}

/** Makes `directory` in the mount namespace of that file, such as /proc/1/ns/mnt, and attaches the mount there. */
export async function attachMountIn(namespace: string, mountFd: number, directory: string): Promise<void> {
  const worker = new Worker(new URL(import.meta.url), { workerData: { namespace, mountFd, directory } satisfies Task });
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
  mkdirSync(directory, { recursive: true });
  attachMount(mountFd, directory);
  parentPort.postMessage("attached");
}
