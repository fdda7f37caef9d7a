// When a container started: when its oldest process did. Its first process lives as long as it does, so this holds also
// for one whose pid namespace belongs to somebody else (shareProcessNamespace), and after a restart of the agent.

import { type Cgroup, directoryOf } from "../cgroup/cgroup.ts";
import type { HostFiles } from "../host/host-files.ts";
import { parsePidStat } from "../procfs/pid-stat.ts";

/** Processes looked at; the oldest stands first in cgroup.procs but where pids have wrapped around. */
const MAX_PROCESSES = 4096;

/** In ticks of 1/100 s since boot; undefined while no process has been seen in it. */
export function readStartTicks(files: HostFiles, cgroup: Cgroup): number | undefined {
  let oldest: number | undefined;
  let left = MAX_PROCESSES;
  const pending = [directoryOf(cgroup)];
  for (let directory = pending.pop(); directory !== undefined && left > 0; directory = pending.pop()) {
    for (const pid of pidsIn(files, directory).slice(0, left)) {
      left -= 1;
      const stat = files.textIfAny(`proc/${pid}/stat`);
      if (stat !== undefined) oldest = Math.min(oldest ?? Number.POSITIVE_INFINITY, parsePidStat(stat).startTicks);
    }
    for (const child of files.directories(directory)) pending.push(`${directory}/${child}`);
  }
  return oldest;
}

/** Pids of the processes in one cgroup, without those below it. Pids this namespace does not see read as 0. */
export function pidsIn(files: HostFiles, directory: string): number[] {
  const text = files.textIfAny(`${directory}/cgroup.procs`) ?? "";
  return text
    .split("\n")
    .map(Number)
    .filter((pid) => pid > 0);
}
