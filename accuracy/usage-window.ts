// What a container used between two moments, from samples of its counter.

export interface UsageSample {
  /** Of performance.now(). */
  millis: number;
  /** CPU time used by then. */
  micros: number;
}

export interface Window {
  fromMillis: number;
  toMillis: number;
}

/** The counter at a moment, on the straight line between its neighbours; throws RangeError outside of the samples. */
export function usageAt(samples: readonly UsageSample[], millis: number): number {
  const next = samples.findIndex((sample) => sample.millis >= millis);
  const after = samples[next];
  if (after?.millis === millis) return after.micros;
  const before = samples[next - 1];
  if (after === undefined || before === undefined) throw new RangeError("No samples of the CPU time at that moment");
  const part = (millis - before.millis) / (after.millis - before.millis);
  return before.micros + part * (after.micros - before.micros);
}

/** Use in a window in % of `cpus` CPUs. */
export function truthPercent(samples: readonly UsageSample[], window: Window, cpus: number): number {
  const usedMicros = usageAt(samples, window.toMillis) - usageAt(samples, window.fromMillis);
  const MICROS_PER_MILLI = 1000;
  return (usedMicros / MICROS_PER_MILLI / (window.toMillis - window.fromMillis) / cpus) * 100;
}
