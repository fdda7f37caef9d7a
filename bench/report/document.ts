// docs/performance.md, and what the commands print: made of results, nothing else.

import { mebibytes, table } from "./numbers.ts";
import { readTable } from "./read-table.ts";
import type { MachineFacts, ReadResults, Results, ScaleResults, SideFacts } from "./results.ts";
import { scaleTable } from "./scale-table.ts";
import { targetTable } from "./targets.ts";

/** Where the figures of a day stand: paths as links from the document. */
export interface Sources {
  json: string;
  chart: string;
}

const HEAD = `# Performance

Written by \`npm run bench -- --write\` and \`npm run bench:scale -- --write\`; do not edit.`;

const REPRODUCE = `## How to reproduce it

On any Linux as root, with nothing else running:

\`\`\`
npm ci
npm run bench              # reads: four to five minutes
npm run bench:scale        # many containers: five minutes
\`\`\`

Both print these tables and write \`bench/results/DATE.json\`; \`-- --write\` writes this page too. On Debian they install
\`gcc\`, \`libc6-dev\` and \`lxcfs\`, and put fuse-native into \`~/.cache/procview-bench\`. What a machine cannot run is skipped,
with the reason.

How it is measured: a C client, in a container with 256 MiB of memory, 2 CPUs and its own pid and mount namespace, reads
through bind mounts that it made from inside. A read is open, read to the end in pieces of 64 KiB, close. All servers run
all the time, each in a cgroup that counts its CPU time, that of short-lived children too. The sides take turns file by
file, each with the same number of warm-up reads, each round in another order; the first round is thrown away, figures
are medians of the others. Resident memory is the sum over all processes of a server, at the end of the measurement; PSS
counts what processes share once. Charged is what the kernel puts on the account of the server's cgroup: with the
renderings that it keeps in a memory file and the kernel's own for its open files, but without programs and libraries
that something else on the machine had read before.`;

export function document(results: Results, sources: Sources): string {
  const parts = [HEAD, "## Targets", targetTable(results)];
  if (results.reads !== undefined) {
    parts.push("## Reads", `![p50 of a read by side](${sources.chart})`, readSection(results.reads));
  }
  if (results.scale !== undefined) parts.push("## Many containers", scaleSection(results.scale));
  return `${[...parts, REPRODUCE, `The figures: [${sources.json}](${sources.json})`].join("\n\n")}\n`;
}

export function readSection(results: ReadResults): string {
  const { rounds, windowMillis, warmupReads } = results;
  return [
    `Medians of ${rounds} rounds of ${windowMillis} ms, after ${warmupReads} warm-up reads by every reader. The first two columns compare p50 with one reader: 2x is half the time.`,
    readTable(results),
    ...results.failures.map((failure) => `Failed: ${failure}.`),
    sidesTable(results.sides),
    machineLine(results.machine),
  ].join("\n\n");
}

export function scaleSection(results: ScaleResults): string {
  const { rounds, seconds, files } = results;
  return [
    `Every container reads ${files.length} files once a second (${files.map((file) => `/${file}`).join(", ")}), each at its own moment of the second. Medians of ${rounds} rounds of ${seconds} s.`,
    scaleTable(results),
    sidesTable(results.sides),
    machineLine(results.machine),
  ].join("\n\n");
}

function sidesTable(sides: readonly SideFacts[]): string {
  return table(
    ["side", "what ran"],
    sides.map(({ name, version, skipped }) => [name, skipped === null ? version : `skipped: ${skipped}`]),
  );
}

function machineLine(machine: MachineFacts): string {
  const { kernel, architecture, cpus, cpuModel, memoryBytes, distribution, cgroups, node, loadBefore } = machine;
  return `Taken on ${cpus} x ${cpuModel} (${architecture}), ${mebibytes(memoryBytes)} MiB, ${distribution}, Linux ${kernel}, cgroup ${cgroups}, Node ${node}; load average before: ${loadBefore.toFixed(2)}.`;
}
