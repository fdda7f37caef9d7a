// What the threads of a file-system process and its supervisor tell each other.

import type { Container } from "../container/container.ts";
import type { ContentsObserver } from "../container-contents.ts";
import type { PodCpuView } from "../render/pod-cpu-views.ts";
import type { Recorder } from "./recorder.ts";

/** From a worker to the main thread of its process. */
export type WorkerMessage =
  /** All is built and loaded: it reads requests once it is let. */
  | { type: "prepared" }
  | { type: "serving" }
  /** It was told to leave the rest to others, and has answered what it had read. */
  | { type: "drained" }
  /** A container was seen: the sampler follows it from now on. Whole, since finding it by its key takes a walk through all. */
  | { type: "met"; container: Container }
  /** A request waits for that file to turn: somebody has to look after it. */
  | { type: "waits"; high: number; low: number }
  /** A barrier was passed: see vfs/barriers.ts. */
  | { type: "passed" }
  | { type: "turnForced"; path: string }
  | { type: "renderFailed"; path: string; reason: string; served: "last good" | "fallback" }
  /** A request could not be answered as it should: a bug. */
  | { type: "failed"; reason: string };

/** From the file-system process to its supervisor. */
export type ServerMessage =
  /** All is loaded: it prepares when it is told to go. */
  | { type: "ready" }
  /** What the predecessor left is taken in: it serves when it is told to. */
  | { type: "prepared" }
  | { type: "serving" }
  /** Sent every ALIVE_INTERVAL_MILLIS by a process that is not stopped and not stuck. */
  | { type: "alive" }
  | { type: "drained" }
  | { type: "figures"; sum: readonly number[]; containers: number; residentBytes: number; cpuSeconds: number }
  | { type: "warning"; text: string };

/** From the supervisor to the file-system process. */
export type SupervisorMessage =
  /** The predecessor has ended: take in what it left. Nothing is read from the connection yet: the keeper may stand in. */
  | { type: "go"; warmUp: boolean }
  /** Nobody serves this connection any more: begin. */
  | { type: "serve" }
  /** Answer what is read, and read no more. Each worker needs a request to wake up from. */
  | { type: "drain" }
  | { type: "figures" }
  /** All pods that want their CPUs counted otherwise, from now on. */
  | { type: "cpuViews"; views: readonly PodCpuView[] };

export const ALIVE_INTERVAL_MILLIS = 200;

/** Counts what a file system observes, and tells the main thread. */
export function observerFor(tell: (message: WorkerMessage) => void, recorder: Recorder): ContentsObserver {
  return {
    met: (container) => tell({ type: "met", container }),
    turnForced: (path) => {
      recorder.count("turnsForced");
      tell({ type: "turnForced", path });
    },
    renderFailed: (path, error, served) => {
      recorder.count(served === "fallback" ? "servedHost" : "servedLastGood");
      countFailedRead(error, recorder);
      tell({ type: "renderFailed", path, reason: String(error), served });
    },
  };
}

/** Where the error is of a file that could not be read. */
export function countFailedRead(error: unknown, recorder: Recorder): void {
  const reason = String(error);
  if (!reason.startsWith("HostFileError")) return;
  recorder.count(reason.includes("/cgroup/") ? "cgroupReadsFailed" : "hostReadsFailed");
}
