// docs/accuracy.md.

import type { Row } from "./measure-case.ts";
import { notesOn } from "./notes.ts";
import { isWithin, LIMIT_POINTS, rowsTable, summary, worstTable } from "./report.ts";

export interface Circumstances {
  seconds: number;
  date: string;
  kernel: string;
  /** "v1", "v2" or "v1 and v2". */
  cgroups: string;
  cpus: string;
  /** Of the machine when it began: whoever else works on it takes CPUs from the load, not from the truth. */
  loadAverage: string;
  /** "package version", each. */
  versions: readonly string[];
}

/** The whole document. */
export function documentOf(rows: readonly Row[], circumstances: Circumstances): string {
  return [
    INTRODUCTION,
    table(circumstances),
    "## Result",
    [summary(rows, "procview"), summary(rows, "lxcfs")].map((line) => `- ${line}`).join("\n"),
    worstTable(rows),
    "## Misses",
    missesOf(rows),
    "## All rows",
    rowsTable(rows),
  ]
    .join("\n\n")
    .concat("\n");
}

const INTRODUCTION = `# Accuracy

Written by \`npm run accuracy -- --write\`, as root on Debian; it takes about ten minutes. Without \`--write\` it prints the
rows; \`--seconds 3\` makes it shorter and coarser, \`--only top\` measures one tool.

What tools show of a container's CPU, against what the kernel counted in its cgroup over the same time. Each container is
made by \`procview run\`, with stress-ng in it asking for a part of what the container may use. Its tools run in its cgroup
and in its pid and time namespace, once with procview's files and once, in a mount namespace of their own, with those of
\`lxcfs --enable-cfs --enable-loadavg\`: at the same time, under the same load.

- **truth**: growth of \`cpuacct.usage\` (v1) or \`usage_usec\` of \`cpu.stat\` (v2) in the tool's own window, in % of what the
  container may use: its quota or its cpuset, whichever is less. Tools' own use is part of it.
- **shown**: user + nice + system as the tool prints it; for htop the mean of the bars it draws.
- **load**: what was asked for. Above 100 the container is throttled. When others use the machine a load may get less than
  it asks for; the truth says what it got.
- **ps** shows the CPU time of processes, which is what it is whatever the files say. For ps, shown is the sum over all
  processes and the truth is in % of the CPUs shown: half a CPU, saturated, is 50 % for ps and 100 % for all others.
  It leaves out itself and rounds down, which costs up to a point or so.`;

function table({ seconds, date, kernel, cgroups, cpus, loadAverage, versions }: Circumstances): string {
  const rows = [
    ["date", date],
    ["kernel", kernel],
    ["cgroups", cgroups],
    ["CPUs", cpus],
    ["load average of the machine, before", loadAverage],
    ["window of each tool", `${seconds} s`],
    ["versions", versions.join(", ")],
  ];
  return ["| | |", "| --- | --- |", ...rows.map((cells) => `| ${cells.join(" | ")} |`)].join("\n");
}

function missesOf(rows: readonly Row[]): string {
  const misses = rows.filter((row) => !isWithin(row));
  if (misses.length === 0) return `None: every row is within ${LIMIT_POINTS} points.`;
  const lines = (["procview", "lxcfs"] as const).flatMap((side) =>
    notesOn(misses.filter((row) => row.side === side)).map(({ count, text }) => `- ${side}, ${count} rows: ${text}`),
  );
  return lines.join("\n");
}
