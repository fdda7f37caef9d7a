// Reads what the cpu, cpuacct and cpuset controllers say of a container.
// v2: cgroup-v2.rst "CPU" and "Cpuset"; v1: scheduler/sched-bwc.rst, cgroup-v1/{cpuacct,cpusets}.rst.

import { type Cgroup, directoryOf, type Limit, lineage, minLimit, parseFlatKeyed } from "../cgroup/cgroup.ts";
import { type CpuBandwidth, cpusOf, parseCfsBandwidth, parseCpuMax } from "../cgroup/cpu-limit.ts";
import type { HostFiles } from "../host/host-files.ts";
import { parseCpuList } from "../procfs/cpu-list.ts";

export interface CpuLevel {
  path: string;
  bandwidth: CpuBandwidth;
}

export interface ContainerCpuQuota {
  /** The container's cgroup first, its ancestors after it; only those the controller is on for. */
  levels: readonly CpuLevel[];
  /** The smallest quota of all levels, as a number of CPUs such as 1.5. */
  quotaCpus: Limit;
}

export interface ContainerCpuTime {
  userMicros: number;
  niceMicros: number;
  systemMicros: number;
}

/** Never throws for an absent controller: that is no limit. */
export function readCpuQuota(files: HostFiles, cpu: Cgroup | undefined): ContainerCpuQuota {
  const levels: CpuLevel[] = [];
  for (const level of cpu === undefined ? [] : lineage(cpu)) {
    const bandwidth = readBandwidth(files, level);
    if (bandwidth !== undefined) levels.push({ path: level.path, bandwidth });
  }
  return { levels, quotaCpus: levels.map(({ bandwidth }) => cpusOf(bandwidth)).reduce(minLimit, "max") };
}

function readBandwidth(files: HostFiles, { version, ...cgroup }: Cgroup): CpuBandwidth | undefined {
  const directory = directoryOf({ version, ...cgroup });
  if (version === 2) {
    const text = files.textIfAny(`${directory}/cpu.max`);
    return text === undefined ? undefined : parseCpuMax(text);
  }
  const quota = files.textIfAny(`${directory}/cpu.cfs_quota_us`);
  const period = files.textIfAny(`${directory}/cpu.cfs_period_us`);
  return quota === undefined || period === undefined ? undefined : parseCfsBandwidth(quota, period);
}

/**
 * CPUs a container may run on; undefined where there is no cpuset controller. The requested list may name CPUs that an
 * ancestor forbids or that are offline; only the effective one is true.
 */
export function readEffectiveCpus(files: HostFiles, cpuset: Cgroup): readonly number[] | undefined {
  const names = cpuset.version === 2 ? ["cpuset.cpus.effective"] : ["cpuset.effective_cpus", "cpuset.cpus"];
  for (const level of lineage(cpuset)) {
    for (const name of names) {
      const cpus = parseCpuList(files.textIfAny(`${directoryOf(level)}/${name}`) ?? "");
      if (cpus.length > 0) return cpus;
    }
  }
  return undefined;
}

const MICROS_PER_TICK = 10_000;

/** CPU time since the container began; undefined where nobody accounts for it. */
export function readCpuTime(
  files: HostFiles,
  cpu: Cgroup | undefined,
  cpuacct: Cgroup | undefined,
): ContainerCpuTime | undefined {
  if (cpuacct?.version === 1) return readCpuacct(files, directoryOf(cpuacct));
  if (cpu === undefined) return undefined;
  const text = files.textIfAny(`${directoryOf(cpu)}/cpu.stat`);
  const stat = parseFlatKeyed(text ?? "");
  const user = stat.get("user_usec");
  const system = stat.get("system_usec");
  if (user === undefined || system === undefined) return undefined;
  const nice = stat.get("nice_usec") ?? 0;
  return { userMicros: Math.max(0, user - nice), niceMicros: nice, systemMicros: system };
}

/** Both counters only grow, which a split of the more exact cpuacct.usage would not. */
function readCpuacct(files: HostFiles, directory: string): ContainerCpuTime | undefined {
  const stat = parseFlatKeyed(files.textIfAny(`${directory}/cpuacct.stat`) ?? "");
  const user = stat.get("user");
  const system = stat.get("system");
  if (user === undefined || system === undefined) return undefined;
  return { userMicros: user * MICROS_PER_TICK, niceMicros: 0, systemMicros: system * MICROS_PER_TICK };
}
