// The table of reads: a row for each file and side, ratios first.

import { mebibytes, micros, table, thousands, times } from "./numbers.ts";
import type { ReadResults, ReadRow } from "./results.ts";
import { HOST_NAME, LXCFS_NAME } from "./side-names.ts";

const HEADER = [
  "file",
  "side",
  "faster than lxcfs",
  "faster than host procfs",
  "p50, us",
  "p99, us",
  "reads/s",
  "p50, us, 4 readers",
  "p99, us, 4 readers",
  "reads/s, 4 readers",
  "server CPU, us a read",
  "reader CPU, us a read",
  "RSS, MiB",
];

/** The row of a file and side; undefined where that side does not serve the file, or was not measured. */
export function readRow(
  { rows }: Pick<ReadResults, "rows">,
  file: string,
  side: string,
  readers: number,
): ReadRow | undefined {
  return rows.find((row) => row.file === file && row.side === side && row.readers === readers);
}

/** Files in the order they were measured. */
export function filesOf({ rows }: Pick<ReadResults, "rows">): string[] {
  return [...new Set(rows.map(({ file }) => file))];
}

/** Ratios are of p50 with one reader. */
export function readTable(results: ReadResults): string {
  const rows = filesOf(results).flatMap((file) =>
    results.sides.flatMap(({ name }) => {
      const one = readRow(results, file, name, 1);
      const four = readRow(results, file, name, 4);
      return one === undefined || four === undefined ? [] : [cells(results, one, four)];
    }),
  );
  return table(HEADER, rows);
}

function cells(results: ReadResults, one: ReadRow, four: ReadRow): string[] {
  const p50Of = (side: string): number | undefined => readRow(results, one.file, side, 1)?.p50Nanos;
  return [
    `/${one.file}`,
    one.side,
    times(p50Of(LXCFS_NAME), one.p50Nanos),
    times(p50Of(HOST_NAME), one.p50Nanos),
    micros(one.p50Nanos),
    micros(one.p99Nanos),
    thousands(one.readsPerSecond),
    micros(four.p50Nanos),
    micros(four.p99Nanos),
    thousands(four.readsPerSecond),
    micros(one.serverCpuNanosPerRead),
    micros(one.readerCpuNanosPerRead),
    mebibytes(one.rssBytes),
  ];
}
