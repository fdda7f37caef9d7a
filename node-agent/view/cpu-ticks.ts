// CPU time of a container as ticks of its visible CPUs: what stat and uptime agree on.
//
// A container that may use 1.5 CPUs sees two, which together can do 1.5 seconds of work a second. Its time is stretched
// by 2/1.5, so that a saturated container shows 100 % of what it sees, as a machine with slower CPUs would.

import type { CpuStat, CpuTicks } from "../procfs/stat.ts";
import type { VisibleCpus } from "./visible-cpus.ts";

export interface CpuTime {
  userMicros: number;
  niceMicros: number;
  systemMicros: number;
}

export interface CpuTicksView {
  total: CpuTicks;
  cpus: readonly CpuStat[];
}

const TICKS_PER_SECOND = 100;
const MICROS_PER_TICK = 10_000;

/** Spreads the time evenly; what a CPU has not worked since the container began, it has idled. */
export function cpuTicks(upSeconds: number, visible: VisibleCpus, time: CpuTime | undefined): CpuTicksView {
  const count = visible.cpus.length;
  const elapsed = Math.floor(upSeconds * TICKS_PER_SECOND);
  const stretch = count / visible.capacity / MICROS_PER_TICK;
  const wanted = [time?.userMicros ?? 0, time?.niceMicros ?? 0, time?.systemMicros ?? 0].map(
    (micros) => micros * stretch,
  );
  const used = wanted.reduce((sum, ticks) => sum + ticks, 0);
  // The counters and the clock are read one after the other: never more work than time.
  const fit = used > elapsed * count ? (elapsed * count) / used : 1;
  const shares = wanted.map((ticks) => Math.floor(ticks * fit));
  const cpus = visible.cpus.map((cpu, place) => {
    const [user = 0, nice = 0, system = 0] = shares.map((ticks) => spread(ticks, count, place));
    return { cpu, ticks: [user, nice, system, Math.max(0, elapsed - user - nice - system), 0, 0, 0, 0, 0, 0] };
  });
  const total = (cpus[0]?.ticks ?? []).map((_, column) =>
    cpus.reduce((sum, { ticks }) => sum + (ticks[column] ?? 0), 0),
  );
  return { total, cpus };
}

/** The `place`-th of `count` whole parts of `ticks`. */
function spread(ticks: number, count: number, place: number): number {
  return Math.floor(ticks / count) + (place < ticks % count ? 1 : 0);
}
