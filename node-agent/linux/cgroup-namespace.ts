// Cgroup namespaces: from where the paths in /proc/PID/cgroup and of mounts of cgroups are told.

import { closeSync, existsSync, openSync } from "node:fs";
import { CLONE_NEWCGROUP, setns } from "./syscalls.ts";

/**
 * Has this thread, and those and the processes that it starts, told the paths as they are in that namespace, such as
 * /proc/1/ns/cgroup. Some runtimes give even a privileged container one of its own, where a path of another container
 * is "/../..". A kernel without such namespaces has no such file, and nothing to enter.
 */
export function enterCgroupNamespace(file: string): void {
  if (!existsSync(file)) return;
  const fd = openSync(file, "r");
  try {
    setns(fd, CLONE_NEWCGROUP);
  } finally {
    closeSync(fd);
  }
}
