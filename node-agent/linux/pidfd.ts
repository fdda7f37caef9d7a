// Signals by pidfd: to the process that was meant, never to another that has got its pid since.

import { closeSync, readFileSync } from "node:fs";
import { checked, libc, SyscallError } from "./syscalls.ts";

const SYS_pidfd_send_signal = 424;
const SYS_pidfd_open = 434;
const SIGKILL = 9;
/** For how long a killed process may take to end. */
const LIMIT_MILLIS = 1000;

const syscall = libc.func("long syscall(long, ...)") as (...args: unknown[]) => number;

/** A process for as long as the machine runs: its pid, and when it started. */
export interface ProcessIdentity {
  pid: number;
  startTicks: number;
}

/** Undefined where it has gone. */
export function identityOf(pid: number): ProcessIdentity | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" ? undefined : { pid, startTicks: Number(fields[19]) };
  } catch {
    return undefined;
  }
}

/** Kills that process, if it still is there, and waits for its end. */
export function endProcess(identity: ProcessIdentity): void {
  if (!killProcess(identity)) return;
  const asleep = new Int32Array(new SharedArrayBuffer(4));
  for (let waited = 0; waited < LIMIT_MILLIS; waited += 1) {
    if (identityOf(identity.pid)?.startTicks !== identity.startTicks) return;
    Atomics.wait(asleep, 0, 0, 1);
  }
}

/** Returns whether it was there. */
function killProcess({ pid, startTicks }: ProcessIdentity): boolean {
  let pidfd: number;
  try {
    pidfd = checked("pidfd_open", `pid ${pid}`, syscall(SYS_pidfd_open, "int", pid, "uint", 0));
  } catch (error) {
    if (error instanceof SyscallError && (error.code === "ESRCH" || error.code === "EINVAL")) return false;
    throw error;
  }
  try {
    if (identityOf(pid)?.startTicks !== startTicks) return false;
    const sent = syscall(SYS_pidfd_send_signal, "int", pidfd, "int", SIGKILL, "void *", null, "uint", 0);
    checked("pidfd_send_signal", `pid ${pid}`, sent);
    return true;
  } finally {
    closeSync(pidfd);
  }
}
