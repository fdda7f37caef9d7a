// Numbers made of numbers.

/** The middle value; of an even number of values, the mean of the two in the middle. NaN of none. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const upper = sorted[Math.floor(middle)] ?? Number.NaN;
  const lower = sorted[Math.ceil(middle) - 1] ?? Number.NaN;
  return (lower + upper) / 2;
}

/** Medians of each field over several measurements; null where a field has no value in any. */
export function medians<T extends object>(measurements: readonly T[]): T {
  const first = measurements[0];
  if (first === undefined) throw new RangeError("There is no median of nothing");
  const keys = Object.keys(first) as (keyof T)[];
  return Object.fromEntries(
    keys.map((key) => {
      const values = measurements.map((each) => each[key]).filter((value) => typeof value === "number");
      return [key, values.length === 0 ? null : median(values)];
    }),
  ) as T;
}
