// Memory of a server: all its processes together.

import { readFileSync } from "node:fs";

export interface Memory {
  /** Counts a page that processes share once for each. */
  rssBytes: number;
  /** Of the process that has most. */
  largestRssBytes: number;
  /** Counts it once. */
  pssBytes: number;
  processes: number;
}

/** Sums over processes; one that has ended meanwhile counts nothing. */
export function memoryOf(pids: readonly number[]): Memory {
  const sum = { rssBytes: 0, largestRssBytes: 0, pssBytes: 0, processes: 0 };
  for (const pid of pids) {
    const rollup = readIfAny(`/proc/${pid}/smaps_rollup`);
    if (rollup === undefined) continue;
    const rssBytes = kibibytes(rollup, "Rss") * 1024;
    sum.rssBytes += rssBytes;
    sum.largestRssBytes = Math.max(sum.largestRssBytes, rssBytes);
    sum.pssBytes += kibibytes(rollup, "Pss") * 1024;
    sum.processes += 1;
  }
  return sum;
}

function kibibytes(text: string, name: string): number {
  return Number(new RegExp(`^${name}: +(\\d+) kB$`, "m").exec(text)?.[1] ?? 0);
}

function readIfAny(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
