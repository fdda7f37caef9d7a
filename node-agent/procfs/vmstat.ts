// /proc/vmstat: "key number" a line.

import { linesOf, ParseError } from "./parse-error.ts";

export type Vmstat = readonly { key: string; value: string }[];

/** Throws ParseError for another shape. Values stay text: some kernels print more digits than a number holds. */
export function parseVmstat(text: string): Vmstat {
  return linesOf(text).map((line) => {
    const match = /^(\S+) (-?\d+)$/.exec(line);
    if (match === null) throw new ParseError("vmstat", line, "a name and a number");
    return { key: match[1] as string, value: match[2] as string };
  });
}

export function formatVmstat(vmstat: Vmstat): string {
  let text = "";
  for (const { key, value } of vmstat) text += `${key} ${value}\n`;
  return text;
}
