// Whose view of cgroups a process has: in a namespace of its own, the cgroup of any other process is "/../..".

import { closeSync, openSync } from "node:fs";
import { CLONE_NEWCGROUP, setns } from "./syscalls.ts";

/** Has this thread, and all threads and processes it starts from now on, see cgroups as that process does. */
export function joinCgroupNamespaceOf(pid: number): void {
  const fd = openSync(`/proc/${pid}/ns/cgroup`, "r");
  try {
    setns(fd, CLONE_NEWCGROUP);
  } finally {
    closeSync(fd);
  }
}
