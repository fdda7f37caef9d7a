// Which cgroup hierarchies this machine has mounted, and which of them holds each controller: v1, hybrid and v2 alike.

import type { HostFiles } from "../host/host-files.ts";
import { parseMountinfo } from "../procfs/mountinfo.ts";

export interface Hierarchy {
  version: 1 | 2;
  /** v1: the controllers it was mounted with, "name=systemd" included. v2: those its root offers. */
  controllers: readonly string[];
  mountPoint: string;
  /** Which cgroup is mounted there: "/" but in a container that sees only its part. */
  root: string;
}

/** Reads the mounts of pid 1's namespace, or of its own where it may not. Throws where no cgroup file system is mounted. */
export function findHierarchies(files: HostFiles): Hierarchy[] {
  const hierarchies: Hierarchy[] = [];
  const mountinfo = files.textIfAny("proc/1/mountinfo") ?? files.text("proc/self/mountinfo");
  for (const mount of parseMountinfo(mountinfo)) {
    const { mountPoint, root } = mount;
    if (hierarchies.some((known) => known.mountPoint === mountPoint)) continue;
    if (mount.fsType === "cgroup2") {
      const controllers = (files.textIfAny(`${mountPoint}/cgroup.controllers`) ?? "").trim().split(/\s+/);
      hierarchies.push({ version: 2, controllers: controllers.filter(Boolean), mountPoint, root });
    } else if (mount.fsType === "cgroup") {
      hierarchies.push({ version: 1, controllers: mount.superOptions.filter(isController), mountPoint, root });
    }
  }
  if (hierarchies.length === 0) {
    throw new Error("No cgroup file system is mounted; mount one at /sys/fs/cgroup");
  }
  return hierarchies;
}

/** The hierarchy a controller is in. v1 wins: a controller is in one hierarchy only, and v2's root lists what v1 left. */
export function hierarchyOf(hierarchies: readonly Hierarchy[], controller: string): Hierarchy | undefined {
  return (
    hierarchies.find(({ version, controllers }) => version === 1 && controllers.includes(controller)) ??
    hierarchies.find(({ version }) => version === 2)
  );
}

const MOUNT_OPTIONS = new Set(["rw", "ro", "xattr", "noprefix", "clone_children", "nsdelegate", "seclabel"]);

function isController(option: string): boolean {
  return !MOUNT_OPTIONS.has(option) && !option.startsWith("release_agent=");
}
