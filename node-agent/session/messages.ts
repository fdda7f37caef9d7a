// What the threads of a file-system process and its supervisor tell each other.

import type { Container } from "../container/container.ts";
import type { ContentsObserver } from "../container-contents.ts";
import type { Recorder } from "./recorder.ts";

/** From a worker to the main thread of its process. */
export type WorkerMessage =
  | { type: "serving" }
  /** It was told to leave the rest to others, and has answered what it had read. */
  | { type: "drained" }
  /** A container was seen: the sampler follows it from now on. Whole, since finding it by its key takes a walk through all. */
  | { type: "met"; container: Container }
  /** A request waits for that file to turn: somebody has to look after it. */
  | { type: "waits"; high: number; low: number }
  | { type: "turnForced"; path: string }
  | { type: "renderFailed"; path: string; reason: string; served: "last good" | "fallback" }
  /** A request could not be answered as it should: a bug. */
  | { type: "failed"; reason: string };

/** From the file-system process to its supervisor. */
export type ServerMessage =
  /** All is loaded: it serves when it is told to go. */
  | { type: "ready" }
  | { type: "serving" }
  /** Sent every ALIVE_INTERVAL_MILLIS by a process that is not stopped and not stuck. */
  | { type: "alive" }
  | { type: "drained" }
  | { type: "figures"; sum: readonly number[]; containers: number; residentBytes: number }
  | { type: "warning"; text: string };

/** From the supervisor to the file-system process. */
export type SupervisorMessage =
  /** No other process serves this connection any more: begin. */
  | { type: "go" }
  /** Answer what is read, and read no more. Each worker needs a request to wake up from. */
  | { type: "drain" }
  | { type: "figures" };

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
      const reason = String(error);
      if (reason.startsWith("HostFileError")) {
        recorder.count(reason.includes("/cgroup/") ? "cgroupReadsFailed" : "hostReadsFailed");
      }
      tell({ type: "renderFailed", path, reason, served });
    },
  };
}
