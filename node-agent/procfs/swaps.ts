// /proc/swaps: a header and a line per swap area (mm/swapfile.c, swap_show).

import { linesOf, ParseError, parseCount } from "./parse-error.ts";

export interface SwapArea {
  filename: string;
  type: string;
  sizeKib: number;
  usedKib: number;
  priority: number;
}

export interface Swaps {
  /** Its spacing differs between kernels. */
  header: string;
  areas: readonly SwapArea[];
}

const NAME_WIDTH = 40;
const ROW = /^(.*\S)\s+(\S+)\s+(\d+)\s+(\d+)\s+(-?\d+)$/;
/** From here on the kernel leaves one tab out. */
const WIDE_KIB = 10_000_000;

/** Throws ParseError for a row of another shape. */
export function parseSwaps(text: string): Swaps {
  const [header = "", ...rows] = linesOf(text);
  const areas = rows.map((row) => {
    const match = ROW.exec(row);
    if (match === null) throw new ParseError("swaps", row, "name, type, size, used and priority");
    const [, filename = "", type = "", size, used, priority] = match;
    return {
      filename,
      type,
      sizeKib: parseCount("swaps", row, size),
      usedKib: parseCount("swaps", row, used),
      priority: Number(priority),
    };
  });
  return { header, areas };
}

export function formatSwaps({ header, areas }: Swaps): string {
  let text = `${header}\n`;
  for (const { filename, type, sizeKib, usedKib, priority } of areas) {
    const name = filename.padEnd(NAME_WIDTH - 1);
    const typeColumn = type === "partition" ? type : `${type}\t`;
    text += `${name} ${typeColumn}\t${tabbed(sizeKib)}\t${tabbed(usedKib)}\t${priority}\n`;
  }
  return text;
}

function tabbed(kib: number): string {
  return kib < WIDE_KIB ? `${kib}\t` : String(kib);
}
