// What a file-system process is told when it is started: plain data, sent as one JSON argument.

import type { HostRoots } from "../host/host-files.ts";
import type { PodCpuView } from "../render/pod-cpu-views.ts";
import type { ViewOptions } from "../view/view-options.ts";

export interface ServerOptions {
  /** Threads that answer requests. */
  workers: number;
  /** Paths to serve, of contract/virtual-files.ts, and "sys/devices/system/cpu". */
  files: readonly string[];
  /** For how long a rendering may be shown, in milliseconds; 0 renders at every read. */
  freshnessMillis: number;
  view: ViewOptions;
  /** Pods that want their CPUs counted otherwise. */
  cpuViews?: readonly PodCpuView[];
  roots: HostRoots;
  /** Prints a line a request to stderr. */
  trace: boolean;
  /** Have the kernel send again what a predecessor did not answer, where it can (6.9); else the journal has it. */
  resend: boolean;
  /** What to undo should the supervisor vanish; "serve" goes on until another supervisor takes over. */
  orphaned: CleanUpPlan | "serve";
}

/** What a run or a mount leaves behind, and so what ends with it. */
export interface CleanUpPlan {
  /** Cgroup directories to remove, their processes killed first. */
  cgroups: readonly string[];
  /** Parents of those, removed if nobody else uses them. */
  sharedCgroups: readonly string[];
  /** Mount points to detach. */
  mounts: readonly string[];
}

export const NOTHING_TO_CLEAN_UP: CleanUpPlan = { cgroups: [], sharedCgroups: [], mounts: [] };

/** File descriptors that a file-system process finds open. */
export const FUSE_FD = 3;
export const STATE_FD = 4;
export const JOURNAL_FD = 5;
/** A copy of the supervisor's connection to the keeper: as long as it is open anywhere, the keeper knows of a server. */
export const LEASE_FD = 6;
