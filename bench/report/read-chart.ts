// The chart of reads: p50 by side, for the files that programs read most.

import { barChart } from "./bar-chart.ts";
import { digits } from "./numbers.ts";
import { filesOf, readRow } from "./read-table.ts";
import type { ReadResults } from "./results.ts";

const CHARTED = ["proc/meminfo", "proc/stat", "proc/cpuinfo", "proc/loadavg", "proc/uptime"];

/** The chart, of the files above that were measured, or of all where none of them was. */
export function readChart(results: ReadResults): string {
  const measured = filesOf(results);
  const charted = CHARTED.filter((file) => measured.includes(file));
  const sides = results.sides.filter(({ skipped }) => skipped === null).map(({ name }) => name);
  return barChart({
    title: "Time of a read (open, read, close) in a container: median, microseconds, logarithmic; less is better",
    series: sides,
    groups: (charted.length > 0 ? charted : measured).map((file) => ({
      name: `/${file}`,
      values: sides.map((side) => micros(readRow(results, file, side, 1)?.p50Nanos)),
    })),
    write: digits,
  });
}

function micros(nanos: number | undefined): number | null {
  return nanos === undefined ? null : nanos / 1000;
}
