// Captured mountinfo: test/fixtures/mountinfo/ORIGIN.md.

import { readFileSync } from "node:fs";
import type { Surroundings } from "../../../node-agent/attach/plan.ts";
import { type Mount, parseMountinfo } from "../../../node-agent/procfs/mountinfo.ts";

export type Captured =
  | "host"
  | "runc-untouched"
  | "runc-attached"
  | "runc-stale"
  | "runc-healed"
  | "runc-volumes"
  | "userns-own-mount";

export const MOUNT_ROOT = "/var/lib/procview/fs";
export const SOURCE = `procview:${MOUNT_ROOT}`;
/** Of the container of the runc-* texts. */
export const KEY = 136502;
export const SERVED_DEVICE = "0:48";
export const LOST_DEVICE = "0:41";

export function mountinfo(name: Captured): string {
  return readFileSync(new URL(`../../fixtures/mountinfo/${name}.txt`, import.meta.url), "utf8");
}

export function mountsOf(name: Captured): Mount[] {
  return parseMountinfo(mountinfo(name));
}

/** With the inode of every mount known to be of that container. */
export function surroundings(mounts: readonly Mount[], owner?: number, device = SERVED_DEVICE): Surroundings {
  const owners = owner === undefined ? [] : mounts.map(({ mountId }) => [mountId, owner] as const);
  return { served: { device, source: SOURCE }, owners: new Map(owners), sharedWithHost: new Set() };
}
