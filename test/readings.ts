// What test/mount/programs/steady-reader.c found, of one or of many.

import assert from "node:assert/strict";

export interface Readings {
  reads: number;
  failed: number;
  wrong: number;
  longestMillis: number;
  /** All that they printed. */
  said: string;
}

/** Undefined as long as it has not told what it found. */
export function readingsOf(said: string): Readings | undefined {
  const result = /^(\d+) (\d+) (\d+) (\d+)$/m.exec(said);
  if (result === null) return undefined;
  const [reads = 0, failed = 0, wrong = 0, longestMillis = 0] = result.slice(1).map(Number);
  return { reads, failed, wrong, longestMillis, said };
}

export function sumOf(readings: readonly Readings[]): Readings {
  const none = { reads: 0, failed: 0, wrong: 0, longestMillis: 0, said: "" };
  return readings.reduce(
    (sum, one) => ({
      reads: sum.reads + one.reads,
      failed: sum.failed + one.failed,
      wrong: sum.wrong + one.wrong,
      longestMillis: Math.max(sum.longestMillis, one.longestMillis),
      said: sum.said + one.said,
    }),
    none,
  );
}

/** Tells what was read. Fails where a reading failed or was wrong. */
export function requireAllRight(name: string, readings: Readings, more = ""): void {
  const { reads, failed, wrong, longestMillis, said } = readings;
  console.log(`${name}: ${reads} reads, ${failed} failed, ${wrong} wrong, longest ${longestMillis} ms`);
  assert.deepEqual({ failed, wrong }, { failed: 0, wrong: 0 }, said + more);
}
