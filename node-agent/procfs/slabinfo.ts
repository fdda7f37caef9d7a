// /proc/slabinfo, as slabinfo(5): two header lines, then a line per cache.

import { linesOf } from "./parse-error.ts";

export interface Slabinfo {
  headers: readonly string[];
  caches: readonly string[];
}

export function parseSlabinfo(text: string): Slabinfo {
  const lines = linesOf(text);
  return { headers: lines.slice(0, 2), caches: lines.slice(2) };
}

export function formatSlabinfo({ headers, caches }: Slabinfo): string {
  return [...headers, ...caches].map((line) => `${line}\n`).join("");
}
