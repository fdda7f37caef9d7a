// The limits a run is given; absent is none.

import type { Limit } from "../cgroup/cgroup.ts";

export interface RunLimits {
  memoryBytes?: number;
  /** Memory and swap together, as `docker run --memory-swap`. */
  memorySwapBytes?: Limit;
  cpus?: number;
  cpuset?: readonly number[];
  pids?: number;
}
