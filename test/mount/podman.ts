// podman with storage of its own, on any hierarchy: crun, its default, runs on no hybrid one.

import assert from "node:assert/strict";
import { join } from "node:path";
import { findHierarchies } from "../../node-agent/container/hierarchies.ts";
import { HostFiles } from "../../node-agent/host/host-files.ts";
import { type Outcome, pidsOf, removeIfUnused, runProgram, until } from "./harness.ts";

/** Limits that this machine cannot raise are given, so that podman does not try. */
export const PODMAN_LIMITS = ["--network=none", "--ulimit=nofile=1024:1024", "--ulimit=nproc=1024:1024"];

/** Runs podman commands whose containers live below `folder`. */
export function podmanIn(folder: string): (...args: string[]) => Outcome {
  const storage = ["--root", join(folder, "storage"), "--runroot", join(folder, "run")];
  const options = ["--runtime=runc", "--cgroup-manager=cgroupfs", "--storage-driver=vfs"];
  return (...args) => runProgram("podman", [...storage, ...options, ...args]);
}

/** Waits for the end of what podman leaves running, and removes the cgroups that it keeps for its next container. */
export async function nothingLeftOfPodman(folder: string): Promise<void> {
  await until("conmon has ended", () => pidsOf("conmon", folder).length === 0);
  const mountPoints = findHierarchies(new HostFiles()).map(({ mountPoint }) => mountPoint);
  await until("its cgroups are gone", () => mountPoints.every(isWithoutPodman));
}

/** False while the kernel still has processes of it. */
function isWithoutPodman(mountPoint: string): boolean {
  try {
    for (const cgroup of ["libpod_parent/conmon", "libpod_parent"]) removeIfUnused(`${mountPoint}/${cgroup}`);
    return true;
  } catch (error) {
    assert.equal((error as NodeJS.ErrnoException).code, "EBUSY");
    return false;
  }
}
