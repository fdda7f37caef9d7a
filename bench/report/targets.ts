// The numbers to hold, and whether they are held. A target over all files is as good as its worst file.

import { digits, table } from "./numbers.ts";
import { filesOf, readRow } from "./read-table.ts";
import type { ReadResults, ReadRow, Results, ScaleResults } from "./results.ts";
import { scaleRow } from "./scale-table.ts";
import { HOST_NAME, LXCFS_NAME, PROCVIEW_0_NAME, PROCVIEW_NAME } from "./side-names.ts";

const TARGET_CONTAINERS = 500;

export interface Verdict {
  what: string;
  target: string;
  measured: string;
  /** undefined where it was not measured. */
  met: boolean | undefined;
  /** Why it is missed, where it is. */
  limitedBy: string;
}

interface Target {
  what: string;
  target: string;
  limitedBy: string;
  judge: (results: Results) => Pick<Verdict, "measured" | "met">;
}

const NOT_MEASURED = { measured: "not measured", met: undefined };

const TARGETS: readonly Target[] = [
  {
    what: "read of an injected file, p50, against the kernel's own",
    target: "<= 1x its time",
    limitedBy:
      "open(2), read(2) and close(2) of any file in a FUSE mount: more than the kernel takes to print a file of one line",
    judge: ({ reads }) => slowest(reads, PROCVIEW_NAME, HOST_NAME, "p50Nanos", 1),
  },
  {
    what: "the same against lxcfs",
    target: ">= 30x faster",
    limitedBy: "the files that lxcfs answers fastest: what is left is the reader's own open(2), read(2) and close(2)",
    judge: ({ reads }) => slowest(reads, PROCVIEW_NAME, LXCFS_NAME, "p50Nanos", 30),
  },
  {
    what: "with freshness 0, p50, against lxcfs",
    target: ">= 3x faster",
    limitedBy:
      "one round trip through the kernel: 22 us where reader and server share a CPU, some 50 where each has to wake the other's",
    judge: ({ reads }) => slowest(reads, PROCVIEW_0_NAME, LXCFS_NAME, "p50Nanos", 3),
  },
  {
    what: "with freshness 0, p99, against lxcfs",
    target: ">= 3x faster",
    limitedBy:
      "the same twice: a reading that meets the timer, the RELEASE of the one before, or a change of size (two requests more)",
    judge: ({ reads }) => slowest(reads, PROCVIEW_0_NAME, LXCFS_NAME, "p99Nanos", 3),
  },
  {
    what: "server CPU, 500 containers polling 8 files a second, against lxcfs",
    target: "<= 1/5",
    limitedBy:
      "at one poll a second nothing cached is fresh any more: each file costs GETATTR, READ and a rendering from the cgroup's files",
    judge: ({ scale }) => share(scale),
  },
  {
    what: "the same, of one core",
    target: "<= 5 %",
    limitedBy:
      "thousands of requests a second, each two context switches and its way through Node, before anything is rendered",
    judge: ({ scale }) => atMost(scale, "cpuPercent", 5, (value) => `${digits(value)} %`),
  },
  {
    what: "memory of the agent, 500 containers",
    target: "<= 96 MiB resident",
    limitedBy: "Node itself: each process brings an engine and its heap",
    judge: ({ scale }) => memory(scale, 96),
  },
  {
    what: "failed reads, 500 containers",
    target: "0",
    limitedBy: "a fault of procview; please report it",
    judge: ({ scale }) => atMost(scale, "failedReads", 0, String),
  },
];

/** Each target, held against what was measured. */
export function verdicts(results: Results): Verdict[] {
  return TARGETS.map(({ judge, ...target }) => ({ ...target, ...judge(results) }));
}

/** The targets as a table, what limits a miss stands beside it. */
export function targetTable(results: Results): string {
  const rows = verdicts(results).map(({ what, target, measured, met, limitedBy }) => {
    const word = met === undefined ? "-" : ["missed", "met"][Number(met)];
    return [what, target, measured, word ?? "-", met === false ? limitedBy : ""];
  });
  return table(["what", "target", "measured", "", "what limits it"], rows);
}

/** The file in which `side` gains the least over `other`, and how many files reach the factor. */
function slowest(
  reads: ReadResults | undefined,
  side: string,
  other: string,
  field: "p50Nanos" | "p99Nanos",
  factor: number,
): Pick<Verdict, "measured" | "met"> {
  if (reads === undefined) return NOT_MEASURED;
  const pairs = filesOf(reads)
    .map((file) => ({ file, own: readRow(reads, file, side, 1), others: readRow(reads, file, other, 1) }))
    .filter((pair): pair is { file: string; own: ReadRow; others: ReadRow } => Boolean(pair.own && pair.others))
    .map(({ file, own, others }) => ({ file, ratio: others[field] / own[field] }))
    .sort((a, b) => a.ratio - b.ratio);
  const worst = pairs[0];
  if (worst === undefined) return NOT_MEASURED;
  const reaching = pairs.filter(({ ratio }) => ratio >= factor).length;
  return {
    measured: `${reaching} of ${pairs.length} files; ${digits(worst.ratio)}x at worst (/${worst.file}), ${digits(pairs.at(-1)?.ratio ?? 0)}x at best`,
    met: reaching === pairs.length,
  };
}

function share(scale: ScaleResults | undefined): Pick<Verdict, "measured" | "met"> {
  const own = scale && scaleRow(scale, TARGET_CONTAINERS, PROCVIEW_NAME);
  const others = scale && scaleRow(scale, TARGET_CONTAINERS, LXCFS_NAME);
  if (own === undefined || others === undefined) return NOT_MEASURED;
  return {
    measured: `1/${digits(others.cpuPercent / own.cpuPercent)} (${digits(own.cpuPercent)} % against ${digits(others.cpuPercent)} %)`,
    met: own.cpuPercent <= others.cpuPercent / 5,
  };
}

/** Resident is what all processes have mapped, added up; beside it what they share counted once. */
function memory(scale: ScaleResults | undefined, limitMib: number): Pick<Verdict, "measured" | "met"> {
  const row = scale && scaleRow(scale, TARGET_CONTAINERS, PROCVIEW_NAME);
  if (row === undefined) return NOT_MEASURED;
  const [rss, pss, charged] = [row.rssBytes, row.pssBytes, row.chargedBytes].map((bytes) => digits(bytes / 2 ** 20));
  return { measured: `${rss} MiB (PSS ${pss}, charged ${charged})`, met: row.rssBytes <= limitMib * 2 ** 20 };
}

function atMost(
  scale: ScaleResults | undefined,
  field: "cpuPercent" | "failedReads",
  limit: number,
  write: (value: number) => string,
): Pick<Verdict, "measured" | "met"> {
  const row = scale && scaleRow(scale, TARGET_CONTAINERS, PROCVIEW_NAME);
  return row === undefined ? NOT_MEASURED : { measured: write(row[field]), met: row[field] <= limit };
}
