// Where files of ours stand in a mount namespace: told by mountinfo alone, nothing is touched.

import { CPU_FILES } from "../../contract/cpu-files.ts";
import { VIRTUAL_FILES } from "../../contract/virtual-files.ts";
import type { Mount } from "../procfs/mountinfo.ts";
import { FILE_SYSTEM_TYPE } from "../session/mount-names.ts";

const CPU_DIRECTORY = "sys/devices/system/cpu";

/** Every path that may be asked for: all files of /proc, and the CPU directory as a whole. */
export const ALL_PATHS: readonly string[] = [...VIRTUAL_FILES.map(({ path }) => path), CPU_DIRECTORY];

const ATTACHABLE = new Set([...ALL_PATHS, ...CPU_FILES.map(({ path }) => `${CPU_DIRECTORY}/${path}`)]);

export interface Placement {
  /** In the tree, "" for all of it. */
  path: string;
  /** Where it is mounted. */
  target: string;
}

/** The mount that containers' files come from, and how its binds are known. */
export interface Served {
  /** "major:minor"; undefined where nothing is mounted at the root. */
  device: string | undefined;
  source: string;
}

/** Whether a mount shows something of the tree, served now or by a predecessor. */
export function isOurs(mount: Mount, { source }: Served): boolean {
  return mount.fsType === FILE_SYSTEM_TYPE && mount.source === source;
}

/** A cgroup's own pressure file, bound where the machine's stands. */
export function isPressureBind({ fsType, root, mountPoint }: Mount, base: string): boolean {
  if (fsType !== "cgroup2" || !mountPoint.startsWith(`${base}/proc/pressure/`)) return false;
  return root.endsWith(`/${mountPoint.slice(`${base}/proc/pressure/`.length)}.pressure`);
}

/** Which path of the tree a mount shows. The kernel marks the root of one whose name has left its cache. */
export function treePath({ root }: Mount): string {
  return root
    .replace(/\/\/deleted$/, "")
    .replace(/^\/(containers\/\d+|host)(?=\/|$)/, "")
    .slice(1);
}

/** Whether the inode of that path belongs to one container. That of the whole tree does not: it leads everyone home. */
export function hasOwner(path: string): boolean {
  return path !== "";
}

/** Whether a path stands for itself in a container; what else is mounted there is a copy of the tree or of a part. */
export function isAttachable(path: string): boolean {
  return ATTACHABLE.has(path);
}
