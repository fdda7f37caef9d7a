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
/** Of the container of the runc-* texts, and of that of runc-volumes. */
export const KEY = 136502;
export const VOLUMES_KEY = 180392;
export const SERVED_DEVICE = "0:48";
export const VOLUMES_DEVICE = "0:644";
export const LOST_DEVICE = "0:41";

export function mountinfo(name: Captured): string {
  return readFileSync(new URL(`../../fixtures/mountinfo/${name}.txt`, import.meta.url), "utf8");
}

export function mountsOf(name: Captured): Mount[] {
  return parseMountinfo(mountinfo(name));
}

export function surroundings(device = SERVED_DEVICE): Surroundings {
  return { served: { device, source: SOURCE }, sharedWithHost: new Set() };
}
