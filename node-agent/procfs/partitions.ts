// /proc/partitions (block/genhd.c, show_partition).

import type { BlockDevice } from "./block-device.ts";
import { linesOf, ParseError, parseCount } from "./parse-error.ts";

export interface Partition extends BlockDevice {
  /** Of 1 KiB. */
  blocks: number;
}

const HEADER = "major minor  #blocks  name\n\n";
const ROW = /^ *(\d+) +(\d+) +(\d+) (.*)$/;

/** Throws ParseError for a row of another shape. A machine without disks has not even a header. */
export function parsePartitions(text: string): Partition[] {
  return linesOf(text)
    .slice(2)
    .map((row) => {
      const match = ROW.exec(row);
      if (match === null) throw new ParseError("partitions", row, "major, minor, blocks and name");
      const [, major, minor, blocks, name = ""] = match;
      return { major: Number(major), minor: Number(minor), blocks: parseCount("partitions", row, blocks), name };
    });
}

/** Always with a header: a file without a byte is no answer. */
export function formatPartitions(partitions: readonly Partition[]): string {
  let text = HEADER;
  for (const { major, minor, blocks, name } of partitions) {
    text += `${String(major).padStart(4)}  ${String(minor).padStart(7)} ${String(blocks).padStart(10)} ${name}\n`;
  }
  return text;
}
