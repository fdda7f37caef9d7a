// System calls that Node does not offer, through libc. Never used while a FUSE request waits.
// Numbers above 423 are the same on every architecture (include/uapi/asm-generic/unistd.h).

import { closeSync } from "node:fs";
import { constants } from "node:os";
import koffi, { type LibraryHandle } from "koffi";

export const libc: LibraryHandle = koffi.load("libc.so.6");

const SYS_open_tree = 428;
const SYS_move_mount = 429;
const SYS_fsopen = 430;
const SYS_fsconfig = 431;
const SYS_fsmount = 432;
const SYS_mount_setattr = 442;

const syscall = libc.func("long syscall(long, ...)") as (...args: unknown[]) => number;
const libcUnshare = libc.func("int unshare(int)") as (flags: number) => number;
const libcSetns = libc.func("int setns(int, int)") as (fd: number, type: number) => number;
const libcMount = libc.func("int mount(str, str, str, ulong, str)") as (
  source: string | null,
  target: string,
  type: string | null,
  flags: number,
  data: string | null,
) => number;
const libcUmount2 = libc.func("int umount2(str, int)") as (target: string, flags: number) => number;
const libcFcntl = libc.func("int fcntl(int, int, int)") as (fd: number, command: number, value: number) => number;
const libcPersonality = libc.func("int personality(ulong)") as (persona: number) => number;
const libcMemfdCreate = libc.func("int memfd_create(str, uint)") as (name: string, flags: number) => number;

export const AT_FDCWD = -100;
export const AT_EMPTY_PATH = 0x1000;
export const AT_RECURSIVE = 0x8000;
export const CLONE_FS = 0x00000200;
export const CLONE_NEWCGROUP = 0x02000000;
export const CLONE_NEWNS = 0x00020000;
export const CLONE_NEWPID = 0x20000000;
export const CLONE_NEWTIME = 0x00000080;
export const MNT_DETACH = 2;
export const UMOUNT_NOFOLLOW = 8;
export const MS_REC = 0x4000;
export const MS_PRIVATE = 1 << 18;
export const MS_SLAVE = 1 << 19;
export const OPEN_TREE_CLONE = 1;
export const OPEN_TREE_CLOEXEC = 0o2000000;
export const MOVE_MOUNT_F_EMPTY_PATH = 4;
export const MOUNT_ATTR_RDONLY = 0x1;
export const MOUNT_ATTR_NOSUID = 0x2;
export const MOUNT_ATTR_NODEV = 0x4;
export const MOUNT_ATTR_NOEXEC = 0x8;

const FSOPEN_CLOEXEC = 1;
const FSMOUNT_CLOEXEC = 1;
const FSCONFIG_SET_FLAG = 0;
const FSCONFIG_SET_STRING = 1;
const FSCONFIG_CMD_CREATE = 6;
/** struct mount_attr of mount_setattr(2): attr_set, attr_clr, propagation, userns_fd, each a u64. */
const MOUNT_ATTR_BYTES = 32;

const ERRNO_NAMES = new Map(Object.entries(constants.errno).map(([name, number]) => [number, name]));

/** A system call that failed; `code` is the error name, as Node's own errors have it. */
export class SyscallError extends Error {
  readonly code: string;
  readonly syscall: string;

  constructor(syscallName: string, errorNumber: number, subject: string) {
    const code = ERRNO_NAMES.get(errorNumber) ?? `errno ${errorNumber}`;
    super(`${syscallName} ${subject}: ${code}`);
    this.name = "SyscallError";
    this.code = code;
    this.syscall = syscallName;
  }
}

/** The result of a system call; throws SyscallError for a negative one. */
export function checked(name: string, subject: string, result: number): number {
  if (result < 0) throw new SyscallError(name, koffi.errno(), subject);
  return result;
}

/** unshare(2), for the calling thread. */
export function unshare(flags: number): void {
  checked("unshare", `0x${flags.toString(16)}`, libcUnshare(flags));
}

/** setns(2), for the calling thread. A mount namespace needs unshare(CLONE_FS) first. */
export function setns(fd: number, namespaceType: number): void {
  checked("setns", `fd ${fd}`, libcSetns(fd, namespaceType));
}

/** mount(2). */
export function mount(
  source: string | null,
  target: string,
  type: string | null,
  flags: number,
  data: string | null,
): void {
  checked("mount", target, libcMount(source, target, type, flags, data));
}

/** umount2(2). */
export function umount2(target: string, flags: number): void {
  checked("umount2", target, libcUmount2(target, flags));
}

/** fcntl(2) with a number for its argument. */
export function fcntl(fd: number, command: number, value: number): void {
  checked("fcntl", `fd ${fd}`, libcFcntl(fd, command, value));
}

/** personality(2), for the calling thread; returns what it was. */
export function setPersonality(persona: number): number {
  return checked("personality", `0x${persona.toString(16)}`, libcPersonality(persona));
}

/** memfd_create(2): a file in memory that lives as long as a process holds it. */
export function memfdCreate(name: string): number {
  const MFD_CLOEXEC = 1;
  return checked("memfd_create", name, libcMemfdCreate(name, MFD_CLOEXEC));
}

/** open_tree(2) with OPEN_TREE_CLONE: a detached bind mount of `path`. */
export function cloneMount(directoryFd: number, path: string): number {
  return checked(
    "open_tree",
    path,
    syscall(SYS_open_tree, "int", directoryFd, "str", path, "uint", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC),
  );
}

/** mount_setattr(2) on a detached mount: adds MOUNT_ATTR_* bits; `propagation` may be MS_PRIVATE, 0 leaves it. */
export function setMountAttributes(mountFd: number, attributes: number, propagation = 0): void {
  const attr = Buffer.alloc(MOUNT_ATTR_BYTES);
  attr.writeUInt32LE(attributes, 0);
  attr.writeUInt32LE(propagation, 16);
  const flags = AT_EMPTY_PATH;
  checked(
    "mount_setattr",
    `fd ${mountFd}`,
    syscall(SYS_mount_setattr, "int", mountFd, "str", "", "uint", flags, "void *", attr, "ulong", MOUNT_ATTR_BYTES),
  );
}

/** move_mount(2): attaches a detached mount at `target`. */
export function attachMount(mountFd: number, target: string): void {
  checked(
    "move_mount",
    target,
    syscall(SYS_move_mount, "int", mountFd, "str", "", "int", AT_FDCWD, "str", target, "uint", MOVE_MOUNT_F_EMPTY_PATH),
  );
}

/**
 * fsopen(2), fsconfig(2) and fsmount(2): a new file system, mounted nowhere yet.
 * `options` maps a name to its value, or to true for a flag. Returns the fd of the detached mount.
 */
export function createMount(type: string, options: Record<string, string | true>, attributes: number): number {
  const context = checked("fsopen", type, syscall(SYS_fsopen, "str", type, "uint", FSOPEN_CLOEXEC));
  try {
    for (const [name, value] of Object.entries(options)) configure(context, name, value);
    checked(
      "fsconfig",
      `create ${type}`,
      syscall(SYS_fsconfig, "int", context, "uint", FSCONFIG_CMD_CREATE, "void *", null, "void *", null, "int", 0),
    );
    return checked("fsmount", type, syscall(SYS_fsmount, "int", context, "uint", FSMOUNT_CLOEXEC, "uint", attributes));
  } finally {
    closeSync(context);
  }
}

function configure(context: number, name: string, value: string | true): void {
  const command = value === true ? FSCONFIG_SET_FLAG : FSCONFIG_SET_STRING;
  const text = value === true ? null : value;
  checked(
    "fsconfig",
    `${name}=${value}`,
    syscall(SYS_fsconfig, "int", context, "uint", command, "str", name, "str", text, "int", 0),
  );
}
