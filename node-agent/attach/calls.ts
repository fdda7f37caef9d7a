// The system calls of attaching, as an object: tests have each of them fail.

import { closeSync, constants, fstatSync, openSync, readFileSync } from "node:fs";
import { changeRoot } from "../linux/namespace-calls.ts";
import {
  AT_FDCWD,
  attachMount,
  CLONE_NEWNS,
  cloneMount,
  MNT_DETACH,
  MOUNT_ATTR_NODEV,
  MOUNT_ATTR_NOEXEC,
  MOUNT_ATTR_NOSUID,
  MOUNT_ATTR_RDONLY,
  MS_PRIVATE,
  setMountAttributes,
  setns,
  UMOUNT_NOFOLLOW,
  umount2,
} from "../linux/syscalls.ts";

export interface AttachCalls {
  readText(path: string): string;
  openNamespace(path: string): number;
  /** The number of a namespace, as in "mnt:[4026531841]". */
  namespaceNumber(fd: number): number;
  /** A directory to walk from; nothing is asked of its file system. */
  openDirectory(path: string): number;
  close(fd: number): void;
  setns(fd: number): void;
  changeRoot(fd: number): void;
  /** A detached mount of a path, from a directory or, where that is undefined, from the root. */
  cloneMount(directoryFd: number | undefined, path: string): number;
  restrict(mountFd: number, writable: boolean): void;
  attachMount(mountFd: number, target: string): void;
  unmount(target: string): void;
}

const RESTRICTED = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;
const { O_PATH, O_DIRECTORY, O_RDONLY } = { O_PATH: 0o10000000, ...constants };

export const ATTACH_CALLS: AttachCalls = {
  readText: (path) => readFileSync(path, "latin1"),
  openNamespace: (path) => openSync(path, O_RDONLY),
  namespaceNumber: (fd) => fstatSync(fd).ino,
  openDirectory: (path) => openSync(path, O_PATH | O_DIRECTORY),
  close: closeSync,
  setns: (fd) => setns(fd, CLONE_NEWNS),
  changeRoot,
  cloneMount: (directoryFd, path) => cloneMount(directoryFd ?? AT_FDCWD, path),
  // Private: of a mount that is shared with its source, mounts over it would appear at the source as well.
  restrict: (mountFd, writable) =>
    setMountAttributes(mountFd, writable ? RESTRICTED : RESTRICTED | MOUNT_ATTR_RDONLY, MS_PRIVATE),
  attachMount,
  unmount: (target) => umount2(target, MNT_DETACH | UMOUNT_NOFOLLOW),
};
