// flock(2): a lock that the kernel takes back when its holder dies.

import { checked, libc, SyscallError } from "./syscalls.ts";

const LOCK_EX = 2;
const LOCK_NB = 4;

/** Two names of one number. */
const HELD = new Set(["EAGAIN", "EWOULDBLOCK"]);

const libcFlock = libc.func("int flock(int, int)") as (fd: number, operation: number) => number;

/** Takes the lock for as long as the descriptor is open. Returns false where another process has it. */
export function tryLock(fd: number): boolean {
  try {
    checked("flock", `fd ${fd}`, libcFlock(fd, LOCK_EX | LOCK_NB));
    return true;
  } catch (error) {
    if (error instanceof SyscallError && HELD.has(error.code)) return false;
    throw error;
  }
}
