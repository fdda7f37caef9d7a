// Lists and masks of CPUs as the kernel prints them: "0-3,5" and "00000000,0000002f" (lib/bitmap.c).

import { ParseError } from "./parse-error.ts";

/** More CPUs than any kernel is built for: a list beyond it is a mistake, not a machine. */
const MAX_CPUS = 8192;
const WORD_BITS = 32;

/** CPU numbers of a list, ascending and without repeats; none for an empty list. Throws ParseError. */
export function parseCpuList(text: string): number[] {
  const trimmed = text.trim();
  if (trimmed === "" || trimmed === "(null)") return [];
  const cpus = new Set<number>();
  for (const range of trimmed.split(",")) {
    const match = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(range);
    const first = Number(match?.[1]);
    const last = Number(match?.[2] ?? first);
    if (match === null || last < first || last >= MAX_CPUS)
      throw new ParseError("CPU list", trimmed, `ranges such as "0-3,5"`);
    for (let cpu = first; cpu <= last; cpu += 1) cpus.add(cpu);
  }
  return [...cpus].sort((a, b) => a - b);
}

/** "0-3,5" of ascending CPU numbers; "" of none. */
export function formatCpuList(cpus: readonly number[]): string {
  const ranges: string[] = [];
  for (let at = 0; at < cpus.length; ) {
    let end = at;
    while (cpus[end + 1] === (cpus[end] as number) + 1) end += 1;
    ranges.push(end === at ? `${cpus[at]}` : `${cpus[at]}-${cpus[end]}`);
    at = end + 1;
  }
  return ranges.join(",");
}

/** CPU numbers of a mask, ascending. Throws ParseError. */
export function parseCpuMask(text: string): number[] {
  const words = text.trim().split(",").reverse();
  const cpus: number[] = [];
  for (const [place, word] of words.entries()) {
    if (!/^[0-9a-f]{1,8}$/.test(word)) throw new ParseError("CPU mask", text.trim(), "words of hexadecimal digits");
    const bits = Number.parseInt(word, 16);
    for (let bit = 0; bit < WORD_BITS; bit += 1) if ((bits >>> bit) & 1) cpus.push(place * WORD_BITS + bit);
  }
  return cpus;
}

/** A mask of those CPUs, as wide as `pattern`, a mask the kernel printed. */
export function formatCpuMask(cpus: readonly number[], pattern: string): string {
  const words = pattern
    .trim()
    .split(",")
    .map((word) => ({ width: word.length, bits: 0 }));
  for (const cpu of cpus) {
    const word = words[words.length - 1 - Math.floor(cpu / WORD_BITS)];
    if (word !== undefined) word.bits = (word.bits | (1 << (cpu % WORD_BITS))) >>> 0;
  }
  return words.map(({ width, bits }) => bits.toString(16).padStart(width, "0")).join(",");
}
