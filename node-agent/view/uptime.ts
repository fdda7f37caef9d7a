// /proc/uptime of a container: since its first process started; idle as its stat file has it.

import type { Uptime } from "../procfs/uptime.ts";
import { type CpuTime, cpuTicks } from "./cpu-ticks.ts";
import type { VisibleCpus } from "./visible-cpus.ts";

const TICKS_PER_SECOND = 100;
const IDLE_COLUMN = 3;

/** Seconds since the container started; 0 while it has no process yet. */
export function upSecondsOf(hostUpSeconds: number, startTicks: number | undefined): number {
  return startTicks === undefined ? 0 : Math.max(0, hostUpSeconds - startTicks / TICKS_PER_SECOND);
}

export function viewUptime(
  host: Uptime,
  startTicks: number | undefined,
  cpus: VisibleCpus,
  cpuTime: CpuTime | undefined,
): Uptime {
  const upSeconds = upSecondsOf(host.upSeconds, startTicks);
  const idleTicks = cpuTicks(upSeconds, cpus, cpuTime).total[IDLE_COLUMN] ?? 0;
  return { upSeconds, idleSeconds: idleTicks / TICKS_PER_SECOND };
}
