// How long to wait before the next file-system process: not at all after one that has served, longer each time in a loop.

/** A process that dies sooner than this after its start is one of a loop. */
const STABLE_MILLIS = 1000;
const FIRST_DELAY_MILLIS = 10;
const LAST_DELAY_MILLIS = 5000;
/** A process that dies as often as this before it ever serves will not serve the next time either. */
export const FRUITLESS_STARTS = 3;

/** Milliseconds until the next start, after one that waited for `delayMillis` before its start. */
export function delayOfNext(delayMillis: number, livedMillis: number): number {
  if (livedMillis > STABLE_MILLIS) return 0;
  return Math.min(LAST_DELAY_MILLIS, Math.max(FIRST_DELAY_MILLIS, delayMillis * 2));
}
