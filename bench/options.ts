// Flags of both commands. None is needed.

import { parseArgs } from "node:util";

export interface BenchOptions {
  /** As little as shows that all of it works: the figures mean nothing. */
  quick: boolean;
  /** Writes docs/performance.md. */
  write: boolean;
  /** Files to read; all where it is undefined. */
  files: string[] | undefined;
  /** Where results go; undefined for nowhere. */
  out: string | undefined;
}

const RESULTS = new URL("./results", import.meta.url).pathname;

/** Throws on flags it does not know. */
export function parseOptions(args: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: "boolean", default: false },
      write: { type: "boolean", default: false },
      files: { type: "string" },
      out: { type: "string" },
    },
  });
  const { quick, write, files, out } = values;
  if (quick && write) throw new Error("--quick measures nothing worth writing; leave out one of --quick and --write");
  return { quick, write, files: files?.split(","), out: out ?? (quick ? undefined : RESULTS) };
}
