// System calls for a thread that goes into another mount namespace, and for watching mounts.

import { checked, libc } from "./syscalls.ts";

const libcFchdir = libc.func("int fchdir(int)") as (fd: number) => number;
const libcChroot = libc.func("int chroot(str)") as (path: string) => number;
const libcPoll = libc.func("int poll(void *, ulong, int)");

/** struct pollfd: fd, events, revents. */
const POLLFD_BYTES = 8;
const POLLPRI = 0x2;

/** fchdir(2) and chroot(2): what a descriptor shows is this thread's root from now on. Needs unshare(CLONE_FS) first. */
export function changeRoot(fd: number): void {
  checked("fchdir", `fd ${fd}`, libcFchdir(fd));
  checked("chroot", ".", libcChroot("."));
}

/** poll(2) for POLLPRI, by which mountinfo tells that mounts have changed since it was read. False after the time. */
export function awaitPriority(fd: number, timeoutMillis: number): Promise<boolean> {
  const pollFd = Buffer.alloc(POLLFD_BYTES);
  pollFd.writeInt32LE(fd, 0);
  pollFd.writeInt16LE(POLLPRI, 4);
  return new Promise((resolve, reject) => {
    libcPoll.async(pollFd, 1, timeoutMillis, (error: Error | null, count: number) => {
      if (error === null) resolve(count > 0);
      else reject(error);
    });
  });
}
