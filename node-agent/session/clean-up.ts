// Undoes what a run or a mount has made, also for a supervisor that was killed. Doing it twice does no harm.

import { readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { MNT_DETACH, SyscallError, UMOUNT_NOFOLLOW, umount2 } from "../linux/syscalls.ts";
import type { CleanUpPlan } from "./server-options.ts";

const RETRY_MILLIS = 20;
const RETRIES = 250;

/** There is none, or it stands where nothing can be made. */
const NEVER_MADE = new Set(["ENOENT", "EROFS"]);

/** Detaches the mounts, kills the processes of the cgroups and removes them. Throws where a cgroup will not go. */
export async function cleanUp(plan: CleanUpPlan): Promise<void> {
  for (const mountPoint of plan.mounts) detach(mountPoint);
  for (const directory of plan.cgroups) await removeCgroup(directory);
  for (const directory of plan.sharedCgroups) removeIfUnused(directory);
}

function detach(mountPoint: string): void {
  try {
    umount2(mountPoint, MNT_DETACH | UMOUNT_NOFOLLOW);
  } catch (error) {
    // EINVAL: not a mount any more.
    if (!(error instanceof SyscallError && error.code === "EINVAL")) throw error;
  }
}

/** A cgroup can be removed once its last process is reaped, which takes the kernel a moment after the kill. */
async function removeCgroup(directory: string): Promise<void> {
  for (let attempt = 0; ; attempt += 1) {
    killAll(directory);
    try {
      rmdirSync(directory);
      return;
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? "";
      if (NEVER_MADE.has(code)) return;
      if (code !== "EBUSY" || attempt === RETRIES) throw error;
    }
    await sleep(RETRY_MILLIS);
  }
}

function removeIfUnused(directory: string): void {
  try {
    rmdirSync(directory);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "";
    if (!NEVER_MADE.has(code) && code !== "EBUSY" && code !== "ENOTEMPTY") throw error;
  }
}

function killAll(directory: string): void {
  try {
    writeFileSync(`${directory}/cgroup.kill`, "1");
    return;
  } catch {
    // cgroup v1, or Linux before 5.14: one by one.
  }
  for (const pid of pidsOf(directory)) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // It has ended meanwhile.
    }
  }
}

function pidsOf(directory: string): number[] {
  try {
    return readFileSync(`${directory}/cgroup.procs`, "utf8")
      .split("\n")
      .map(Number)
      .filter((pid) => pid > 0);
  } catch {
    return [];
  }
}
