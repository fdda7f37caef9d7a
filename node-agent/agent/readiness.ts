// Whether readers are answered: a bounded read through the real mount, by a helper, kept for a moment so that asking
// often costs nothing.

import type { AgentMetrics } from "../telemetry/agent-metrics.ts";
import { readThroughMount, type TouchResult } from "./touch-mount.ts";

const KEEP_MILLIS = 1000;
/** Where nobody asks for readiness, scrapes do, but no more often: each read is a process. */
const SCRAPE_KEEP_MILLIS = 10_000;

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
    const result = await this.#result(KEEP_MILLIS);
    return result.ok ? undefined : `${this.#mountPoint} does not answer: ${result.reason}`;
  }

  /** Sees to it that the metrics tell of now, also where nobody asks for readiness. */
  async refresh(): Promise<void> {
    await this.#result(SCRAPE_KEEP_MILLIS);
  }

  /** No older than that. */
  #result(keepMillis: number): Promise<TouchResult> {
    if (this.#last === undefined || performance.now() - this.#askedAt > keepMillis) {
      this.#askedAt = performance.now();
      this.#last = this.#ask();
    }
    return this.#last;
  }

  async #ask(): Promise<TouchResult> {
    const result = await readThroughMount(this.#mountPoint, this.#limitMillis);
    this.#metrics.ready.set(result.ok ? 1 : 0);
    if (result.ok) this.#metrics.probeSeconds.set(result.seconds);
    else this.#metrics.probeFailures.inc();
    return result;
  }
}
