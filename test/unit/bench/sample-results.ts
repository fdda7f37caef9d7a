// Results as the benchmarks write them, small and round.

import type { MachineFacts, ReadResults, ReadRow, ScaleResults, ScaleRow } from "../../../bench/report/results.ts";

const machine: MachineFacts = {
  kernel: "6.18.0",
  architecture: "x64",
  cpus: 2,
  cpuModel: "Some CPU",
  memoryBytes: 2 ** 30,
  distribution: "Some Linux",
  cgroups: "v2",
  node: "v24.0.0",
  loadBefore: 0.25,
};

export function readRowOf(file: string, side: string, p50Nanos: number, readers = 1): ReadRow {
  return {
    file,
    side,
    readers,
    p50Nanos,
    p99Nanos: p50Nanos * 2,
    readsPerSecond: 1e9 / p50Nanos,
    readerCpuNanosPerRead: p50Nanos,
    serverCpuNanosPerRead: side === "host procfs" ? null : p50Nanos,
    rssBytes: side === "host procfs" ? null : 2 ** 20,
  };
}

export function readResultsOf(rows: readonly ReadRow[]): ReadResults {
  return {
    machine,
    rounds: 5,
    windowMillis: 250,
    warmupReads: 100,
    sides: [...new Set(rows.map(({ side }) => side))].map((name) => ({ name, version: `${name} 1`, skipped: null })),
    rows: [...rows],
    failures: [],
  };
}

export function scaleResultsOf(
  ...rows: Pick<ScaleRow, "side" | "containers" | "cpuPercent" | "rssBytes">[]
): ScaleResults {
  const rest = {
    largestRssBytes: 1,
    pssBytes: 2 ** 20,
    chargedBytes: 3 * 2 ** 20,
    cpuNanosPerRead: 1,
    processes: 2,
    reads: 8,
    expectedReads: 8,
    failedReads: 0,
    latePolls: 0,
    p50Nanos: 1,
    p99Nanos: 2,
  };
  return {
    machine,
    rounds: 3,
    seconds: 8,
    files: ["proc/meminfo"],
    sides: [],
    rows: rows.map((row) => ({ ...rest, ...row })),
  };
}
