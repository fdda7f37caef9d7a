// The place where the tree is mounted: what is there now, what has to be put there. It may be in another mount namespace,
// the host's, of which the agent's own sees a part or nothing.

import { mkdirSync, readFileSync } from "node:fs";
import { attachMountIn, detachMountIn } from "../linux/mount-namespace.ts";
import { attachMount, MNT_DETACH, UMOUNT_NOFOLLOW, umount2 } from "../linux/syscalls.ts";
import { parseMountinfo } from "../procfs/mountinfo.ts";
import { FILE_SYSTEM_TYPE } from "../session/mount-names.ts";

export interface MountPlace {
  mountPoint: string;
  /** The file of the mount namespace it is in, /proc/PID/ns/mnt; undefined for this process's own. */
  namespace: string | undefined;
}

/** A process of that namespace: of /proc/PID/ns/mnt, PID. */
export function homePidOf({ namespace }: Pick<MountPlace, "namespace">): number | "self" {
  return namespace === undefined ? "self" : Number(namespace.split("/")[2]);
}

/** Where this process finds what is mounted there. */
export function visiblePath(place: MountPlace): string {
  return place.namespace === undefined ? place.mountPoint : `/proc/${homePidOf(place)}/root${place.mountPoint}`;
}

/** "MAJOR:MINOR" of what is mounted there last, if it is ours; by mountinfo, since a look at it may hang. */
export function deviceAt(place: MountPlace): string | undefined {
  const mounts = parseMountinfo(readFileSync(`/proc/${homePidOf(place)}/mountinfo`, "utf8"));
  const last = mounts.findLast((mount) => mount.mountPoint === place.mountPoint);
  return last?.fsType === FILE_SYSTEM_TYPE ? last.device : undefined;
}

/** Detaches whatever of ours is mounted there, one upon the other. */
export async function detachAll(place: MountPlace): Promise<void> {
  while (deviceAt(place) !== undefined) {
    try {
      await detach(place);
    } catch (error) {
      // EINVAL: not a mount any more. An error of another thread has lost its class.
      if ((error as { code?: string }).code === "EINVAL") return;
      throw error;
    }
  }
}

async function detach({ mountPoint, namespace }: MountPlace): Promise<void> {
  if (namespace === undefined) umount2(mountPoint, MNT_DETACH | UMOUNT_NOFOLLOW);
  else await detachMountIn(namespace, mountPoint);
}

export async function attachAt({ mountPoint, namespace }: MountPlace, mountFd: number): Promise<void> {
  if (namespace !== undefined) {
    await attachMountIn(namespace, mountFd, mountPoint);
    return;
  }
  mkdirSync(mountPoint, { recursive: true });
  attachMount(mountFd, mountPoint);
}
