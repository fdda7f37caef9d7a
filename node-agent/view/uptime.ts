// /proc/uptime of a container: since its first process started; idle as its stat file has it.

import type { CpuTicks } from "../procfs/stat.ts";
import type { Uptime } from "../procfs/uptime.ts";

const TICKS_PER_SECOND = 100;
const IDLE_COLUMN = 3;

/** Seconds since the container started; 0 while it has no process yet. */
export function upSecondsOf(hostUpSeconds: number, startTicks: number | undefined): number {
  return startTicks === undefined ? 0 : Math.max(0, hostUpSeconds - startTicks / TICKS_PER_SECOND);
}

/**
 * `totalTicks` is the first line of the container's stat. The time is that at which readers cease to be shown it: a
 * process that has just started must not find the machine younger than itself, of which ps(1) makes an age of years.
 */
export function viewUptime(
  host: Uptime,
  startTicks: number | undefined,
  totalTicks: CpuTicks,
  shownSeconds: number,
): Uptime {
  return {
    upSeconds: upSecondsOf(host.upSeconds + shownSeconds, startTicks),
    idleSeconds: (totalTicks[IDLE_COLUMN] ?? 0) / TICKS_PER_SECOND,
  };
}
