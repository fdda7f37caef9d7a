// The mount that containers' files come from: what is mounted at the root of the tree now, and what the host shares.

import type { HostFiles } from "../host/host-files.ts";
import { type Mount, parseMountinfo } from "../procfs/mountinfo.ts";
import { FILE_SYSTEM_TYPE } from "../session/mount-names.ts";
import type { Served } from "./placement.ts";
import { mountsAlong } from "./visible-mounts.ts";

export interface HomeMounts {
  served: Served;
  /** Peer groups of the host's own mounts. */
  sharedWithHost: readonly number[];
}

/** `homePid` is a process of the namespace in which the tree is mounted. */
export function findServed(files: HostFiles, homePid: number | "self", mountRoot: string, source: string): HomeMounts {
  const home = parseMountinfo(files.textIfAny(`proc/${homePid}/mountinfo`) ?? "");
  const host = parseMountinfo(files.textIfAny("proc/1/mountinfo") ?? "");
  const top = mountsAlong(home, mountRoot).at(-1);
  const device = top !== undefined && isTree(top, mountRoot) ? top.device : undefined;
  const peerGroups = [...home, ...host].flatMap(({ peerGroup }) => peerGroup ?? []);
  return { served: { device, source }, sharedWithHost: [...new Set(peerGroups)] };
}

function isTree({ mountPoint, fsType, root }: Mount, mountRoot: string): boolean {
  return mountPoint === mountRoot && fsType === FILE_SYSTEM_TYPE && root === "/";
}
