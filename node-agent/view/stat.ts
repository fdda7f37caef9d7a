// /proc/stat of a container. Interrupts and context switches are counted by no cgroup: none.
//
// btime and starttime in /proc/PID/stat are added up by ps(1), and starttime counts from the host's boot, so btime stays the
// host's - unless the container has a time namespace of its own: then the kernel shifts starttime, and btime with it.

import type { CpuStat, CpuTicks, ProcStat } from "../procfs/stat.ts";
import type { LoadSample } from "./loadavg.ts";

export interface StatInputs {
  ticks: { total: CpuTicks; cpus: readonly CpuStat[] };
  load: LoadSample | undefined;
  /** What the container's time namespace adds to CLOCK_BOOTTIME. */
  bootOffsetSeconds: number;
}

type Line = (inputs: StatInputs, hostValue: string) => string;

const LINES: Readonly<Record<string, Line>> = {
  intr: () => "0",
  ctxt: () => "0",
  softirq: () => "0 0 0 0 0 0 0 0 0 0 0",
  btime: ({ bootOffsetSeconds }, hostValue) => String(Math.round(Number(hostValue) - bootOffsetSeconds)),
  processes: ({ load }) => String(load?.lastPid ?? 0),
  procs_running: ({ load }) => String(load?.running ?? 0),
  procs_blocked: ({ load }) => String(load?.blocked ?? 0),
};

export function viewStat(host: ProcStat, inputs: StatInputs): ProcStat {
  const others = host.others.map(({ key, value }) => ({ key, value: LINES[key]?.(inputs, value) ?? value }));
  return { total: inputs.ticks.total, cpus: inputs.ticks.cpus, others };
}
