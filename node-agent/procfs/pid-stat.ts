// /proc/PID/stat, as proc_pid_stat(5). The name stands in brackets and may hold spaces and brackets itself, so fields are
// counted from the last closing one.

import { ParseError, parseCount } from "./parse-error.ts";

export interface PidStat {
  /** One letter: R running, S sleeping, D uninterruptible, ... */
  state: string;
  parentPid: number;
  /** Since boot, in ticks of 1/100 s. */
  startTicks: number;
}

/** Field 3 is the first after the name. */
const STATE = 0;
const PPID = 1;
const STARTTIME = 19;

/** Throws ParseError where there is no closing bracket or a field is missing. */
export function parsePidStat(text: string): PidStat {
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const state = fields[STATE];
  if (!text.includes(")") || state === undefined) throw new ParseError("PID/stat", text.trim(), "pid (name) state ...");
  return {
    state,
    parentPid: parseCount("PID/stat", text.trim(), fields[PPID]),
    startTicks: parseCount("PID/stat", text.trim(), fields[STARTTIME]),
  };
}
