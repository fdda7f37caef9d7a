// What the operator can choose about views; the flags of `run`, `mount` and `show`.

import type { CpuView } from "../../contract/cpu-views.ts";

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
