// What the threads of a file-system process and its supervisor tell each other.

/** From a worker to the main thread of its process. */
export type WorkerMessage =
  | { type: "serving" }
  /** A container was seen: the sampler follows it from now on. */
  | { type: "met"; key: number }
  | { type: "renderFailed"; path: string; reason: string; served: "last good" | "fallback" }
  /** A request could not be answered as it should: a bug. */
  | { type: "failed"; reason: string };

/** From the file-system process to its supervisor. */
export type ServerMessage = { type: "serving" } | { type: "warning"; text: string };
