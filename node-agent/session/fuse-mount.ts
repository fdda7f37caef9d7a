// Makes the mount: a FUSE superblock over an open device, attached to a directory or to nothing yet.

import { openFuseDevice } from "../fuse/device.ts";
import {
  createMount,
  MOUNT_ATTR_NODEV,
  MOUNT_ATTR_NOEXEC,
  MOUNT_ATTR_NOSUID,
  MOUNT_ATTR_RDONLY,
} from "../linux/syscalls.ts";

/** What every mount of ours, and every bind of one of its files, is restricted to. */
export const MOUNT_ATTRIBUTES: number = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;

export interface FuseMount {
  /** The connection: it lives as long as a copy of this descriptor is open anywhere. */
  deviceFd: number;
  /** The detached mount, a directory to walk from and to attach. */
  mountFd: number;
}

/** Opens the device and mounts it nowhere. `source` shows in mountinfo. Throws FuseDeviceError or SyscallError. */
export function createFuseMount(source: string): FuseMount {
  const deviceFd = openFuseDevice();
  return { deviceFd, mountFd: mountAgain(deviceFd, source) };
}

/** Mounts a connection nowhere: one that serves already gives the same file system again, while anything holds it. */
export function mountAgain(deviceFd: number, source: string): number {
  const options = {
    source,
    subtype: "procview",
    ro: true,
    fd: String(deviceFd),
    rootmode: "40000",
    user_id: "0",
    group_id: "0",
    allow_other: true,
    default_permissions: true,
  } as const;
  return createMount("fuse", options, MOUNT_ATTRIBUTES);
}
