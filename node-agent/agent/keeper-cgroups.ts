// Where the keeper goes: a cgroup of its own at the root of each hierarchy, which nothing that ends the agent touches.

import { readFileSync, rmdirSync } from "node:fs";
import { join } from "node:path";
import { findHierarchies } from "../container/hierarchies.ts";
import { HostFiles } from "../host/host-files.ts";

export function keeperCgroups(name: string): readonly string[] {
  return [...new Set(findHierarchies(new HostFiles()).map(({ mountPoint }) => join(mountPoint, name)))];
}

/** Removes them once no keeper is in them. */
export function removeKeeperCgroups(name: string): void {
  for (const directory of keeperCgroups(name)) {
    try {
      rmdirSync(directory);
    } catch {
      // Another root's keeper is in it, or it was never made.
    }
  }
}

/** Whether no process is in them. */
export function keeperIsGone(name: string): boolean {
  return keeperCgroups(name).every((directory) => {
    try {
      return readFileSync(join(directory, "cgroup.procs"), "utf8") === "";
    } catch {
      // It was never made, or is removed.
      return true;
    }
  });
}
