// Samples the load of every container every five seconds, from its start on, whether or not anybody reads it.

import type { Container } from "../container/container.ts";
import type { HostFiles } from "../host/host-files.ts";
import type { LoadSample } from "../view/loadavg.ts";
import { countThreads } from "./count-threads.ts";
import { NO_LOAD, nextLoads } from "./load.ts";
import type { LoadTable } from "./load-table.ts";

/** LOAD_FREQ of the kernel. */
export const SAMPLE_INTERVAL_MILLIS = 5000;

export class LoadSampler {
  readonly #files: HostFiles;
  readonly #table: LoadTable;
  #samples = new Map<number, LoadSample>();
  #sampledAtMillis: number | undefined;

  constructor(files: HostFiles, table: LoadTable) {
    this.#files = files;
    this.#table = table;
  }

  /** One pass over the containers that exist now; the others are forgotten. */
  sample(containers: readonly Container[], nowMillis: number): void {
    const seconds = (nowMillis - (this.#sampledAtMillis ?? nowMillis)) / 1000;
    const samples = new Map<number, LoadSample>();
    for (const container of containers) {
      const before = this.#samples.get(container.key);
      const { running, blocked, threads, highestOwnPid = 0 } = countThreads(this.#files, container.identity);
      const loads = nextLoads(before?.loads ?? NO_LOAD, running + blocked, before === undefined ? 0 : seconds);
      const lastPid = Math.max(before?.lastPid ?? 0, highestOwnPid);
      samples.set(container.key, { loads, running, blocked, threads, lastPid });
    }
    this.#samples = samples;
    this.#sampledAtMillis = nowMillis;
    this.#table.publish(samples);
  }
}
