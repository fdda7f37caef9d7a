// When a container started: when its oldest process did. Its first process lives as long as it does, so this holds also
// for one whose pid namespace belongs to somebody else (shareProcessNamespace), and after a restart of the agent.

import { type Cgroup, directoryOf } from "../cgroup/cgroup.ts";
import type { HostFiles } from "../host/host-files.ts";
import { parsePidStat } from "../procfs/pid-stat.ts";
import { parseBootOffset } from "../procfs/timens-offsets.ts";

/** Processes looked at; the oldest stands first in cgroup.procs but where pids have wrapped around. */
const MAX_PROCESSES = 4096;

const TICKS_PER_SECOND = 100;

export interface ContainerStart {
  /** Since the host's boot, in ticks of 1/100 s. */
  startTicks: number;
  /** What the time namespace of its oldest process adds to CLOCK_BOOTTIME. */
  bootOffsetSeconds: number;
}

/** Undefined while no process has been seen in it. */
export function readStart(files: HostFiles, cgroup: Cgroup): ContainerStart | undefined {
  let oldest: { pid: number; startTicks: number } | undefined;
  for (const pid of pidsBelow(files, cgroup)) {
    const stat = files.textIfAny(`proc/${pid}/stat`);
    const startTicks = stat === undefined ? Number.POSITIVE_INFINITY : parsePidStat(stat).startTicks;
    if (startTicks < (oldest?.startTicks ?? Number.POSITIVE_INFINITY)) oldest = { pid, startTicks };
  }
  if (oldest === undefined) return undefined;
  const bootOffsetSeconds = parseBootOffset(files.textIfAny(`proc/${oldest.pid}/timens_offsets`) ?? "");
  // The kernel tells processes of a time namespace their start by its clock, so its boot is the container's start.
  const startTicks = bootOffsetSeconds === 0 ? oldest.startTicks : -bootOffsetSeconds * TICKS_PER_SECOND;
  return { startTicks, bootOffsetSeconds };
}

/** The first processes of a cgroup and those below it. */
function* pidsBelow(files: HostFiles, cgroup: Cgroup): Generator<number> {
  let left = MAX_PROCESSES;
  const pending = [directoryOf(cgroup)];
  for (let directory = pending.pop(); directory !== undefined && left > 0; directory = pending.pop()) {
    const pids = pidsIn(files, directory).slice(0, left);
    left -= pids.length;
    yield* pids;
    for (const child of files.directories(directory)) pending.push(`${directory}/${child}`);
  }
}

/** Pids of the processes in one cgroup, without those below it. Pids this namespace does not see read as 0. */
function pidsIn(files: HostFiles, directory: string): number[] {
  const text = files.textIfAny(`${directory}/cgroup.procs`) ?? "";
  return text
    .split("\n")
    .map(Number)
    .filter((pid) => pid > 0);
}
