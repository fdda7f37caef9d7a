// Does something in another mount namespace. A thread of its own: who enters one does not come back.

import { closeSync, mkdirSync, openSync, rmdirSync, rmSync } from "node:fs";
import { parentPort, Worker, workerData } from "node:worker_threads";
import {
  attachMount,
  CLONE_FS,
  CLONE_NEWNS,
  MNT_DETACH,
  SyscallError,
  setns,
  UMOUNT_NOFOLLOW,
  umount2,
  unshare,
} from "./syscalls.ts";

/** By name, what is done there. */
interface Tasks {
  attach: { mountFd: number; directory: string };
  detach: { directory: string };
  remove: { contents: readonly string[]; directories: readonly string[] };
}

type Task = { [Name in keyof Tasks]: { name: Name; with: Tasks[Name] } }[keyof Tasks];

/** Makes `directory` in the mount namespace of that file, such as /proc/1/ns/mnt, and attaches the mount there. */
export function attachMountIn(namespace: string, mountFd: number, directory: string): Promise<void> {
  return inside(namespace, { name: "attach", with: { mountFd, directory } });
}

/** Detaches all that is mounted at a directory. */
export function detachMountsIn(namespace: string, directory: string): Promise<void> {
  return inside(namespace, { name: "detach", with: { directory } });
}

/** Removes some directories with all that is in them, then others if they are empty. */
export function removeIn(
  namespace: string,
  contents: readonly string[],
  directories: readonly string[],
): Promise<void> {
  return inside(namespace, { name: "remove", with: { contents, directories } });
}

async function inside(namespace: string, task: Task): Promise<void> {
  const worker = new Worker(new URL(import.meta.url), { workerData: { namespace, task } });
  await new Promise<void>((resolve, reject) => {
    worker.once("message", () => resolve());
    worker.once("error", reject);
  });
}

const WORK: { [Name in keyof Tasks]: (details: Tasks[Name]) => void } = {
  attach: ({ mountFd, directory }) => {
    mkdirSync(directory, { recursive: true });
    attachMount(mountFd, directory);
  },
  detach: ({ directory }) => {
    while (detached(directory)) {
      // One upon the other.
    }
  },
  remove: ({ contents, directories }) => {
    for (const directory of contents) rmSync(directory, { recursive: true, force: true });
    for (const directory of directories) removeIfEmpty(directory);
  },
};

/** False where nothing is mounted there. */
function detached(directory: string): boolean {
  try {
    umount2(directory, MNT_DETACH | UMOUNT_NOFOLLOW);
    return true;
  } catch (error) {
    if (error instanceof SyscallError && (error.code === "EINVAL" || error.code === "ENOENT")) return false;
    throw error;
  }
}

/** Others may have put something there. */
function removeIfEmpty(directory: string): void {
  try {
    rmdirSync(directory);
  } catch (error) {
    if (!["ENOENT", "ENOTEMPTY"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
  }
}

if (parentPort !== null && workerData !== null) {
  const { namespace, task } = workerData as { namespace: string; task: Task };
  const fd = openSync(namespace, "r");
  unshare(CLONE_FS);
  setns(fd, CLONE_NEWNS);
  closeSync(fd);
  WORK[task.name](task.with as never);
  parentPort.postMessage("done");
}
