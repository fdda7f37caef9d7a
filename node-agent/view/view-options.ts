// What the operator can choose about views; the flags of `run`, `mount` and `show`.

/** "quota": as many CPUs as the quota pays for, within the cpuset; "cpuset": the quota is ignored; "host": all CPUs. */
export const CPU_VIEWS = ["quota", "cpuset", "host"] as const;

export type CpuView = (typeof CPU_VIEWS)[number];

export interface ViewOptions {
  cpuView: CpuView;
  /** False shows no swap at all (lxcfs -u). */
  swap: boolean;
  /** False shows the host's load. */
  loadavg: boolean;
  /** True takes memory.high (cgroup v2) for a limit too. */
  memoryHigh: boolean;
}

export const DEFAULT_VIEW_OPTIONS: ViewOptions = { cpuView: "quota", swap: true, loadavg: true, memoryHigh: false };
