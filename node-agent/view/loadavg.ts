// /proc/loadavg of a container, from the latest sample of its threads.

import type { Loadavg } from "../procfs/loadavg.ts";

export interface LoadSample {
  loads: readonly [number, number, number];
  /** Threads in state R and D. */
  running: number;
  blocked: number;
  threads: number;
  /** The highest pid any process of it has had, as its own pid namespace numbers them. */
  lastPid: number;
}

/** A container that was not sampled yet has no load. */
export function viewLoadavg(sample: LoadSample | undefined): Loadavg {
  if (sample === undefined) return { loads: [0, 0, 0], running: 0, threads: 0, lastPid: 0 };
  return { loads: sample.loads, running: sample.running, threads: sample.threads, lastPid: sample.lastPid };
}
