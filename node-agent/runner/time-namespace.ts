// A clock of its own for a run: its boot is now. The kernel then counts starttime in /proc/PID/stat, CLOCK_BOOTTIME and
// sysinfo(2) from there, so that ps(1) and uptime(1) agree with the /proc/uptime that is shown (time_namespaces(7)).

import { readFileSync, readlinkSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { CLONE_NEWTIME, SyscallError, unshare } from "../linux/syscalls.ts";
import { parseUptime } from "../procfs/uptime.ts";

/** For what this thread spawns from now on. Kernels without time namespaces (before 5.6, or not built in) keep theirs. */
export function beginTimeNamespace(): void {
  try {
    unshare(CLONE_NEWTIME);
  } catch (error) {
    if (error instanceof SyscallError && error.code === "EINVAL") return;
    throw error;
  }
  // Threads have no such file below task/, but are found by their number.
  const tid = basename(readlinkSync("/proc/thread-self"));
  writeFileSync(
    `/proc/${tid}/timens_offsets`,
    bootOffset(parseUptime(readFileSync("/proc/uptime", "latin1")).upSeconds),
  );
}

/** Whole seconds, rounded down, and the nanoseconds that are left: what the file takes. */
export function bootOffset(hostUpSeconds: number): string {
  const seconds = Math.ceil(hostUpSeconds);
  return `boottime -${seconds} ${Math.round((seconds - hostUpSeconds) * 1e9)}\n`;
}
