// /proc/meminfo, as proc_meminfo(5) and Documentation/filesystems/proc.rst describe it.

import { linesOf, ParseError } from "./parse-error.ts";
import { TextWriter } from "./text-writer.ts";

export interface MeminfoLine {
  /** "MemTotal", "Active(anon)", "HugePages_Free", ... */
  key: string;
  value: number;
  /** Columns from the colon to the last digit: what keeps the table aligned. */
  width: number;
  /** " kB", or "" for plain counts. */
  unit: string;
}

export type Meminfo = readonly MeminfoLine[];

const LINE = /^([^\s:]+):(\s*)(\d+)( kB)?$/;

/** Parses the file, unknown fields included. Throws ParseError for a line that is no "key: number". */
export function parseMeminfo(text: string): Meminfo {
  return linesOf(text).map((line) => {
    const match = LINE.exec(line);
    if (match === null) throw new ParseError("meminfo", line, "a field and a number");
    const [, key = "", padding = "", digits = "", unit = ""] = match;
    return { key, value: Number(digits), width: padding.length + digits.length, unit };
  });
}

const writer = new TextWriter();

export function formatMeminfo(meminfo: Meminfo): Buffer {
  for (const { key, value, width, unit } of meminfo) {
    writer.text(key).text(":").number(value, width).text(unit).text("\n");
  }
  return writer.end();
}

/** What was parsed once is asked for many fields, for many containers. */
const places = new WeakMap<Meminfo, ReadonlyMap<string, number>>();

/** Which line a field is on, or undefined where the kernel does not have it. */
export function meminfoPlace(meminfo: Meminfo, key: string): number | undefined {
  let known = places.get(meminfo);
  if (known === undefined) {
    known = new Map(meminfo.map((line, place) => [line.key, place]));
    places.set(meminfo, known);
  }
  return known.get(key);
}

/** The value of a field, or undefined where the kernel does not have it. */
export function meminfoValue(meminfo: Meminfo, key: string): number | undefined {
  const place = meminfoPlace(meminfo, key);
  return place === undefined ? undefined : meminfo[place]?.value;
}
