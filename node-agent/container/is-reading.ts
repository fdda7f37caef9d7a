// Whether a thread may be in the middle of reading one of our files: what /proc tells of it, the file itself untouched.

import type { HostFiles } from "../host/host-files.ts";
import { parsePidStat } from "../procfs/pid-stat.ts";

/** proc_pid_stat(5): runs, or would if it were given a CPU; waits for a page that it asked us for. */
const AWAKE = new Set(["R", "D"]);
/** The function of fs/fuse/dev.c that a thread sleeps in until its attributes come (proc_pid_wchan(5)). */
const WAITS_FOR_ANSWER = "request_wait_answer";
/** It has woken up meanwhile. */
const NOWHERE = "0";
/** Whoever has more files open than that is not searched, but taken to be reading. */
const MAX_OPEN_FILES = 256;

/** True where the thread waits for an answer of FUSE, or runs and has a file open whose path ends in `path`. */
export function isReading(files: HostFiles, tid: number, path: string): boolean {
  const awake = wakefulness(files, tid);
  return awake === "waits for us" || (awake === "runs" && hasOpen(files, tid, path));
}

function wakefulness(files: HostFiles, tid: number): "runs" | "waits for us" | "sleeps" {
  const stat = files.textIfAny(`proc/${tid}/stat`);
  if (stat === undefined) return "sleeps";
  if (AWAKE.has(parsePidStat(stat).state)) return "runs";
  const wchan = files.textIfAny(`proc/${tid}/wchan`);
  if (wchan === WAITS_FOR_ANSWER) return "waits for us";
  return wchan === NOWHERE ? "runs" : "sleeps";
}

function hasOpen(files: HostFiles, tid: number, path: string): boolean {
  const names = files.names(`proc/${tid}/fd`);
  if (names.length > MAX_OPEN_FILES) return true;
  // A file that is mounted from another tree carries a mark behind its path.
  return names.some((name) =>
    files
      .link(`proc/${tid}/fd/${name}`)
      ?.replace(/\/\/deleted$/, "")
      .endsWith(path),
  );
}
