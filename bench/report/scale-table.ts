// The table of many containers that poll.

import { digits, mebibytes, micros, table, thousands, times } from "./numbers.ts";
import type { ScaleResults, ScaleRow } from "./results.ts";
import { LXCFS_NAME } from "./side-names.ts";

const HEADER = [
  "containers",
  "side",
  "less CPU than lxcfs",
  "CPU, % of one core",
  "CPU, us a read",
  "RSS, MiB",
  "of it the largest process",
  "PSS, MiB",
  "charged, MiB",
  "processes",
  "reads",
  "of",
  "failed",
  "late polls",
  "p50, us",
  "p99, us",
];

export function scaleRow({ rows }: Pick<ScaleResults, "rows">, containers: number, side: string): ScaleRow | undefined {
  return rows.find((row) => row.containers === containers && row.side === side);
}

export function scaleTable(results: ScaleResults): string {
  return table(
    HEADER,
    results.rows.map((row) => [
      String(row.containers),
      row.side,
      times(scaleRow(results, row.containers, LXCFS_NAME)?.cpuPercent, row.cpuPercent),
      digits(row.cpuPercent),
      micros(row.cpuNanosPerRead),
      mebibytes(row.rssBytes),
      mebibytes(row.largestRssBytes),
      mebibytes(row.pssBytes),
      mebibytes(row.chargedBytes),
      String(row.processes),
      thousands(row.reads),
      thousands(row.expectedReads),
      thousands(row.failedReads),
      thousands(row.latePolls),
      micros(row.p50Nanos),
      micros(row.p99Nanos),
    ]),
  );
}
