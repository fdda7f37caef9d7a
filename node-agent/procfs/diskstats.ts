// /proc/diskstats, as Documentation/admin-guide/iostats.rst: device and 17 counts (fewer on old kernels).

import type { BlockDevice } from "./block-device.ts";
import { linesOf, ParseError, parseCount } from "./parse-error.ts";
import { TextWriter } from "./text-writer.ts";

export interface DiskStat extends BlockDevice {
  /** In the order of DISKSTAT_COLUMNS. */
  counts: readonly number[];
}

export const DISKSTAT_COLUMNS = [
  "reads",
  "readsMerged",
  "sectorsRead",
  "readMillis",
  "writes",
  "writesMerged",
  "sectorsWritten",
  "writeMillis",
  "inFlight",
  "ioMillis",
  "weightedMillis",
  "discards",
  "discardsMerged",
  "sectorsDiscarded",
  "discardMillis",
  "flushes",
  "flushMillis",
] as const;

const ROW = /^ *(\d+) +(\d+) (\S+) (.*)$/;

/** Throws ParseError for a row of another shape. */
export function parseDiskstats(text: string): DiskStat[] {
  return linesOf(text).map((row) => {
    const match = ROW.exec(row);
    if (match === null) throw new ParseError("diskstats", row, "major, minor, name and counts");
    const [, major, minor, name = "", counts = ""] = match;
    return {
      major: Number(major),
      minor: Number(minor),
      name,
      counts: counts.split(" ").map((count) => parseCount("diskstats", row, count)),
    };
  });
}

const writer = new TextWriter();

export function formatDiskstats(disks: readonly DiskStat[]): Buffer {
  for (const { major, minor, name, counts } of disks) {
    writer.number(major, 4).text(" ").number(minor, 7).text(" ").text(name).row(counts).text("\n");
  }
  return writer.end();
}
