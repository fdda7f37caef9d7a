// System calls for a thread that goes into another mount namespace, and for watching mounts.

import { checked, libc } from "./syscalls.ts";

const libcFchdir = libc.func("int fchdir(int)") as (fd: number) => number;
const libcChroot = libc.func("int chroot(str)") as (path: string) => number;
const libcStatx = libc.func("int statx(int, str, int, uint, void *)") as (
  directoryFd: number,
  path: string,
  flags: number,
  mask: number,
  result: Buffer,
) => number;
const libcPoll = libc.func("int poll(void *, ulong, int)");

const AT_FDCWD = -100;
const AT_SYMLINK_NOFOLLOW = 0x100;
/** Whatever the kernel knows already: no file system is asked anything. */
const AT_STATX_DONT_SYNC = 0x4000;
const STATX_INO = 0x100;
/** struct statx of include/uapi/linux/stat.h, and where stx_ino is in it. */
const STATX_BYTES = 256;
const STX_INO = 32;

/** struct pollfd: fd, events, revents. */
const POLLFD_BYTES = 8;
const POLLPRI = 0x2;

/** fchdir(2) and chroot(2): what a descriptor shows is this thread's root from now on. Needs unshare(CLONE_FS) first. */
export function changeRoot(fd: number): void {
  checked("fchdir", `fd ${fd}`, libcFchdir(fd));
  checked("chroot", ".", libcChroot("."));
}

/** The inode number of what is mounted at a path, without a request to the file system that is mounted there. */
export function cachedInode(path: string): bigint {
  const result = Buffer.alloc(STATX_BYTES);
  checked("statx", path, libcStatx(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW | AT_STATX_DONT_SYNC, STATX_INO, result));
  return result.readBigUInt64LE(STX_INO);
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
