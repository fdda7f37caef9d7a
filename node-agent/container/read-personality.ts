// Whether the processes of a container are 32-bit ones to the kernel: /proc/PID/personality of its first.

import type { Cgroup } from "../cgroup/cgroup.ts";
import type { HostFiles } from "../host/host-files.ts";
import { firstPid } from "./containers.ts";

/** PER_MASK and PER_LINUX32 of include/uapi/linux/personality.h. */
const PER_MASK = 0xff;
const PER_LINUX32 = 0x08;

export function isLinux32(files: HostFiles, cgroup: Cgroup): boolean {
  const text = files.textIfAny(`proc/${firstPid(files, cgroup)}/personality`);
  return text !== undefined && (Number.parseInt(text, 16) & PER_MASK) === PER_LINUX32;
}
