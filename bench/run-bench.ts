// What both commands do around their measurement.

import { buildClient } from "./machine/build-client.ts";
import { BenchCgroups } from "./machine/cgroups.ts";
import { type BenchOptions, parseOptions } from "./options.ts";
import { installBenchPackages } from "./packages.ts";
import type { Results } from "./report/results.ts";
import { writeDocument, writeResults } from "./result-files.ts";

type Measure = (options: BenchOptions, program: string, cgroups: BenchCgroups) => Promise<Results>;

/** Prepares the machine, measures, writes what was asked for, and leaves nothing behind. */
export async function runBench(measure: Measure): Promise<void> {
  const options = parseOptions(process.argv.slice(2));
  if (process.platform !== "linux" || process.geteuid?.() !== 0) throw new Error("A benchmark needs Linux and root");
  installBenchPackages();
  using client = buildClient();
  const cgroups = new BenchCgroups();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => cgroups.interrupt());
  try {
    const results = await measure(options, client.program, cgroups);
    if (options.out === undefined) return;
    writeResults(options.out, results);
    if (options.write) writeDocument(options.out);
  } finally {
    await cgroups.remove();
  }
}
