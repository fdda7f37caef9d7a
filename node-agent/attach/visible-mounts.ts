// Which mounts a path meets on its way, as the kernel walks it: mounts hide others, and may be stacked on one place.

import type { Mount } from "../procfs/mountinfo.ts";

/**
 * From the mount of the root to the one that a path ends in. Those at the end whose mount point is the path itself are
 * stacked over it, the visible one last. The order of lines in mountinfo says nothing of that, parents do.
 */
export function mountsAlong(mounts: readonly Mount[], path: string): Mount[] {
  const listed = new Set(mounts.map(({ mountId }) => mountId));
  const met: Mount[] = [];
  for (;;) {
    const last = met.at(-1);
    const next = mounts
      .filter(({ parentId }) => (last === undefined ? !listed.has(parentId) : parentId === last.mountId))
      .filter((mount) => !met.includes(mount) && isOnWay(mount.mountPoint, path))
      .sort((a, b) => a.mountPoint.length - b.mountPoint.length)[0];
    if (next === undefined) return met;
    met.push(next);
  }
}

function isOnWay(mountPoint: string, path: string): boolean {
  return mountPoint === "/" || path === mountPoint || path.startsWith(`${mountPoint}/`);
}
