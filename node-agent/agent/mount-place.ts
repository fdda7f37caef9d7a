// The place where the tree is mounted: what is there now, what has to be put there.

import { mkdirSync, readFileSync } from "node:fs";
import { attachMountIn } from "../linux/mount-namespace.ts";
import { attachMount, MNT_DETACH, SyscallError, UMOUNT_NOFOLLOW, umount2 } from "../linux/syscalls.ts";
import { parseMountinfo } from "../procfs/mountinfo.ts";
import { FILE_SYSTEM_TYPE } from "../session/mount-names.ts";

export interface MountPlace {
  mountPoint: string;
  /** The file of the mount namespace it is in; undefined for this process's own. */
  namespace: string | undefined;
}

/** "MAJOR:MINOR" of what is mounted there last, if it is ours; by mountinfo, since a look at it may hang. */
export function deviceAt({ mountPoint }: MountPlace, processId: number | "self" = "self"): string | undefined {
  const mounts = parseMountinfo(readFileSync(`/proc/${processId}/mountinfo`, "utf8"));
  const last = mounts.findLast((mount) => mount.mountPoint === mountPoint);
  return last?.fsType === FILE_SYSTEM_TYPE ? last.device : undefined;
}

/** Detaches whatever of ours is mounted there, one upon the other. */
export function detachAll(place: MountPlace): void {
  while (deviceAt(place) !== undefined) {
    try {
      umount2(place.mountPoint, MNT_DETACH | UMOUNT_NOFOLLOW);
    } catch (error) {
      // EINVAL: not a mount any more.
      if (error instanceof SyscallError && error.code === "EINVAL") return;
      throw error;
    }
  }
}

export async function attachAt({ mountPoint, namespace }: MountPlace, mountFd: number): Promise<void> {
  if (namespace !== undefined) {
    await attachMountIn(namespace, mountFd, mountPoint);
    return;
  }
  mkdirSync(mountPoint, { recursive: true });
  attachMount(mountFd, mountPoint);
}
