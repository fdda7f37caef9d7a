// Whether readers are answered: a bounded read through the real mount, by a helper, kept for a moment so that asking
// often costs nothing.

import type { AgentMetrics } from "../telemetry/agent-metrics.ts";
import { readThroughMount, type TouchResult } from "./touch-mount.ts";

const KEEP_MILLIS = 1000;

export class Readiness {
  readonly #mountPoint: string;
  readonly #limitMillis: number;
  readonly #metrics: AgentMetrics;
  #last: Promise<TouchResult> | undefined;
  #askedAt = 0;

  constructor(mountPoint: string, limitMillis: number, metrics: AgentMetrics) {
    this.#mountPoint = mountPoint;
    this.#limitMillis = limitMillis;
    this.#metrics = metrics;
  }

  /** Undefined: ready. */
  async problem(): Promise<string | undefined> {
    if (this.#last === undefined || performance.now() - this.#askedAt > KEEP_MILLIS) {
      this.#askedAt = performance.now();
      this.#last = this.#ask();
    }
    const result = await this.#last;
    return result.ok ? undefined : `${this.#mountPoint} does not answer: ${result.reason}`;
  }

  async #ask(): Promise<TouchResult> {
    const result = await readThroughMount(this.#mountPoint, this.#limitMillis);
    if (result.ok) this.#metrics.probeSeconds.set(result.seconds);
    else this.#metrics.probeFailures.inc();
    return result;
  }
}
