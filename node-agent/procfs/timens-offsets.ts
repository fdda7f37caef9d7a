// /proc/PID/timens_offsets, as time_namespaces(7): "monotonic 0 0" and "boottime -1234 0", by name or, before Linux 5.7,
// by clock number.

const BOOTTIME = /^(?:boottime|7)\s+(-?\d+)\s+(\d+)$/m;

/** Seconds the time namespace adds to CLOCK_BOOTTIME; 0 for a text without them. */
export function parseBootOffset(text: string): number {
  const match = BOOTTIME.exec(text);
  return match === null ? 0 : Number(match[1]) + Number(match[2]) / 1e9;
}
