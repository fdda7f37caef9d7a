// Which CPUs a container sees: the one answer behind cpuinfo, stat, uptime, online and the topology.

import type { CpuView } from "../../contract/cpu-views.ts";
import type { Limit } from "../cgroup/cgroup.ts";

export interface VisibleCpus {
  /** Numbers of the host's CPUs, ascending, never none: what sched_getaffinity(2) says stays true (docs/adr/0006). */
  cpus: readonly number[];
  /** How many CPUs' time the container can use, such as 1.5: at most `cpus.length`. */
  capacity: number;
}

export interface CpuLimits {
  quotaCpus: Limit;
  effectiveCpus?: readonly number[] | undefined;
}

/** A quota below the size of the cpuset shows its first CPUs; a fraction of a CPU is shown as a whole one. */
export function visibleCpus(online: readonly number[], limits: CpuLimits, cpuView: CpuView): VisibleCpus {
  const allowed = limits.effectiveCpus?.filter((cpu) => online.includes(cpu)) ?? [];
  const cpus = cpuView === "host" || allowed.length === 0 ? online : allowed;
  if (cpuView !== "quota" || limits.quotaCpus === "max") return { cpus, capacity: cpus.length };
  const count = Math.min(cpus.length, Math.max(1, Math.ceil(limits.quotaCpus)));
  return { cpus: cpus.slice(0, count), capacity: Math.min(count, limits.quotaCpus) };
}
