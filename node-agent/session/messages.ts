// What the threads of a file-system process and its supervisor tell each other.

import type { ContentsObserver } from "../container-contents.ts";

/** From a worker to the main thread of its process. */
export type WorkerMessage =
  | { type: "serving" }
  /** A container was seen: the sampler follows it from now on. */
  | { type: "met"; key: number }
  /** A request waits for that file to turn: somebody has to look after it. */
  | { type: "waits"; high: number; low: number }
  | { type: "turnForced"; path: string }
  | { type: "renderFailed"; path: string; reason: string; served: "last good" | "fallback" }
  /** A request could not be answered as it should: a bug. */
  | { type: "failed"; reason: string };

/** From the file-system process to its supervisor. */
export type ServerMessage = { type: "serving" } | { type: "warning"; text: string };

/** Tells the main thread what a file system observes. */
export function observerFor(tell: (message: WorkerMessage) => void): ContentsObserver {
  return {
    met: ({ key }) => tell({ type: "met", key }),
    turnForced: (path) => tell({ type: "turnForced", path }),
    renderFailed: (path, error, served) => tell({ type: "renderFailed", path, reason: String(error), served }),
  };
}
