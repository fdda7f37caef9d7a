// /proc/loadavg: "0.31 0.28 0.19 2/345 6789".

import { ParseError } from "./parse-error.ts";

export interface Loadavg {
  /** Load over 1, 5 and 15 minutes. */
  loads: readonly [number, number, number];
  /** Threads that run or could run now, and threads that exist. */
  running: number;
  threads: number;
  lastPid: number;
}

/** Throws ParseError for another shape. */
export function parseLoadavg(text: string): Loadavg {
  const match = /^(\d+\.\d\d) (\d+\.\d\d) (\d+\.\d\d) (\d+)\/(\d+) (\d+)\n$/.exec(text);
  if (match === null) throw new ParseError("loadavg", text, "three loads, running/threads and a pid");
  const [one, five, fifteen, running, threads, lastPid] = match.slice(1).map(Number);
  return {
    loads: [one as number, five as number, fifteen as number],
    running: running as number,
    threads: threads as number,
    lastPid: lastPid as number,
  };
}

export function formatLoadavg({ loads, running, threads, lastPid }: Loadavg): string {
  return `${loads.map((load) => load.toFixed(2)).join(" ")} ${running}/${threads} ${lastPid}\n`;
}
