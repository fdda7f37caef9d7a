// How many threads of a container run, wait or exist, at any depth below its cgroup.

import { type Cgroup, directoryOf } from "../cgroup/cgroup.ts";
import type { HostFiles } from "../host/host-files.ts";
import { parsePidStat } from "../procfs/pid-stat.ts";
import { parsePidStatus } from "../procfs/pid-status.ts";

export interface ThreadCount {
  running: number;
  blocked: number;
  threads: number;
  /** The highest thread id of the host among them: what is new next time lies above it. */
  highestTid: number;
  /** That thread as its own pid namespace numbers it; undefined where it is gone already. */
  highestOwnPid?: number;
}

/** Counts now. A thread that ends meanwhile counts as existing only. `before` is what was counted there the last time. */
export function countThreads(files: HostFiles, cgroup: Cgroup, before?: ThreadCount): ThreadCount {
  let running = 0;
  let blocked = 0;
  let threads = 0;
  let highestTid = 0;
  for (const tid of tidsBelow(files, cgroup)) {
    threads += 1;
    highestTid = Math.max(highestTid, tid);
    // Not /proc/TID/stat: that one adds up the times of all threads of the process at every read.
    const stat = files.textIfAny(`proc/${tid}/task/${tid}/stat`);
    const state = stat === undefined ? undefined : parsePidStat(stat).state;
    if (state === "R") running += 1;
    else if (state === "D") blocked += 1;
  }
  const highestOwnPid = highestTid === before?.highestTid ? before.highestOwnPid : ownPidOf(files, highestTid);
  return { running, blocked, threads, highestTid, ...(highestOwnPid === undefined ? {} : { highestOwnPid }) };
}

function ownPidOf(files: HostFiles, tid: number): number | undefined {
  const status = tid === 0 ? undefined : files.textIfAny(`proc/${tid}/status`);
  return status === undefined ? undefined : parsePidStatus(status).nsPids.at(-1);
}

function* tidsBelow(files: HostFiles, cgroup: Cgroup): Generator<number> {
  const list = cgroup.version === 2 ? "cgroup.threads" : "tasks";
  const pending = [directoryOf(cgroup)];
  for (let directory = pending.pop(); directory !== undefined; directory = pending.pop()) {
    for (const line of (files.textIfAny(`${directory}/${list}`) ?? "").split("\n")) {
      if (Number(line) > 0) yield Number(line);
    }
    for (const child of files.directories(directory)) pending.push(`${directory}/${child}`);
  }
}
