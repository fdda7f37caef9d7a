// Why tools miss the truth, where it is known. A note is printed with the rows it speaks of, if there are any.

import type { Row } from "./measure-case.ts";

interface Note {
  about(row: Row): boolean;
  text: string;
}

const shown = ({ result }: Row): number => ("problem" in result ? Number.NaN : result.shownPercent);

/** Read after the miss was established: each is given only the rows that miss. The first that fits is the row's. */
export const NOTES: readonly Note[] = [
  {
    about: (row) => "problem" in row.result,
    text: "The tool did not end in time or could not be started; the row says why.",
  },
  {
    about: (row) => row.side === "lxcfs" && row.tool === "htop" && /^(1|0\.5) CPU/.test(row.container),
    text: "htop counts the directories `/sys/devices/system/cpu/cpuN`. lxcfs leaves all of the machine's there, so htop draws bars for CPUs that `/proc/stat` does not have, at 0.0 % for ever; the mean over the bars is low by as much.",
  },
  {
    about: (row) => row.side === "lxcfs" && shown(row) === 0,
    text: "sar, mpstat and vmstat print 0 % (sar and mpstat 0 % idle as well) where the second reading is not above the first: what lxcfs told these readers had not advanced.",
  },
  {
    about: (row) => row.side === "lxcfs",
    text: "With `--enable-cfs` lxcfs takes idle time from the host's counters and shares out what was used beyond the visible CPUs, in ticks, at each read; what comes of it is off by some points. Not examined further.",
  },
];

/** The notes that apply to rows that miss, each with how many they are. */
export function notesOn(misses: readonly Row[]): { count: number; text: string }[] {
  const counts = new Map<string, number>();
  for (const row of misses) {
    const text = NOTES.find(({ about }) => about(row))?.text ?? "Not explained yet.";
    counts.set(text, (counts.get(text) ?? 0) + 1);
  }
  return [...counts].map(([text, count]) => ({ count, text }));
}
