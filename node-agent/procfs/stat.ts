// /proc/stat, as proc_stat(5).

import { linesOf, ParseError, parseCount } from "./parse-error.ts";
import { TextWriter } from "./text-writer.ts";

/** Columns of a cpu line in their order, in ticks of 1/100 s: user nice system idle iowait irq softirq steal guest guest_nice. */
export type CpuTicks = readonly number[];

export interface CpuStat {
  cpu: number;
  ticks: CpuTicks;
}

export interface ProcStat {
  total: CpuTicks;
  cpus: readonly CpuStat[];
  /** All other lines, such as "ctxt 12", in their order. */
  others: readonly { key: string; value: string }[];
}

export const COLUMNS = [
  "user",
  "nice",
  "system",
  "idle",
  "iowait",
  "irq",
  "softirq",
  "steal",
  "guest",
  "guest_nice",
] as const;

const CPU_KEY = /^cpu\d+$/;

/** Throws ParseError for a cpu line with something that is no number, or no total. */
export function parseStat(text: string): ProcStat {
  let total: CpuTicks | undefined;
  const cpus: CpuStat[] = [];
  const others: { key: string; value: string }[] = [];
  for (const line of linesOf(text)) {
    const [key = "", value = ""] = line.split(/ (.*)/s, 2);
    if (key === "cpu") total = ticksOf(line);
    else if (CPU_KEY.test(key)) cpus.push({ cpu: Number(key.slice(3)), ticks: ticksOf(line) });
    else others.push({ key, value });
  }
  if (total === undefined) throw new ParseError("stat", linesOf(text)[0] ?? "", 'a line "cpu ..."');
  return { total, cpus, others };
}

const writer = new TextWriter();

export function formatStat(stat: ProcStat): Buffer {
  writer.text("cpu ").row(stat.total).text("\n");
  for (const { cpu, ticks } of stat.cpus) writer.text("cpu").number(cpu).row(ticks).text("\n");
  for (const { key, value } of stat.others) writer.text(key).text(" ").text(value).text("\n");
  return writer.end();
}

function ticksOf(line: string): CpuTicks {
  return line
    .trimEnd()
    .split(/ +/)
    .slice(1)
    .map((column) => parseCount("stat", line, column));
}
