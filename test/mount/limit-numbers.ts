// Memory limits that tell containers apart, and the line of meminfo by which each shows.

const PAGE_BYTES = 4096;

/** Of container number so-and-so. */
export const limitBytes = (number: number): number => 64 * 2 ** 20 + number * PAGE_BYTES;

/** What READ prints under such a limit. */
export const memTotal = (bytes: number): string => `MemTotal: ${bytes / 1024} kB\n`;

export const READ: string = readOf("/proc/meminfo");

/** A shell command that prints the total of memory alone. */
export function readOf(file: string): string {
  return `head -1 '${file}' | tr -s ' '`;
}
