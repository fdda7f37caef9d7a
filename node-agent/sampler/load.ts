// The kernel's load average (kernel/sched/loadavg.c) for a container: an exponentially decaying mean of the threads that
// run or wait uninterruptibly, by the time that really passed between two samples.

const MINUTES = [1, 5, 15] as const;
const SECONDS_PER_MINUTE = 60;

export type Loads = readonly [number, number, number];

export const NO_LOAD: Loads = [0, 0, 0];

/** The loads after `seconds` more in which `active` threads were active. */
export function nextLoads(loads: Loads, active: number, seconds: number): Loads {
  const next = MINUTES.map((minutes, place) => {
    const decay = Math.exp(-seconds / (minutes * SECONDS_PER_MINUTE));
    return (loads[place] as number) * decay + active * (1 - decay);
  });
  return next as unknown as Loads;
}
