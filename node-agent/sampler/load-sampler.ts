// Samples the load of every container every five seconds, from its start on, whether or not anybody reads it.

import type { Container } from "../container/container.ts";
import type { HostFiles } from "../host/host-files.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { countThreads, type ThreadCount } from "./count-threads.ts";
import { nextLoads } from "./load.ts";

/** LOAD_FREQ of the kernel. */
export const SAMPLE_INTERVAL_MILLIS = 5000;

export class LoadSampler {
  readonly #files: HostFiles;
  readonly #ledger: Ledger;
  readonly #now: () => number;
  readonly #counts = new Map<number, ThreadCount>();

  /** `now` tells milliseconds of CLOCK_MONOTONIC. */
  constructor(files: HostFiles, ledger: Ledger, now: () => number) {
    this.#files = files;
    this.#ledger = ledger;
    this.#now = now;
  }

  /** What was counted of other containers is forgotten. */
  keep(keys: ReadonlySet<number>): void {
    for (const key of this.#counts.keys()) if (!keys.has(key)) this.#counts.delete(key);
  }

  /** Counts one container's threads and carries its loads on by the time since they were counted last. */
  sample(container: Container): void {
    const count = countThreads(this.#files, container.identity, this.#counts.get(container.key));
    this.#counts.set(container.key, count);
    const { running, blocked, threads, highestOwnPid = 0 } = count;
    const now = this.#now();
    this.#ledger.update(container.key, now, (record) => {
      const seconds = record.sampledAtMillis === 0 ? 0 : (now - record.sampledAtMillis) / 1000;
      const [one = 0, five = 0, fifteen = 0] = record.loads;
      record.loads.set(nextLoads([one, five, fifteen], running + blocked, seconds));
      record.sampledAtMillis = now;
      record.threadCounts.set([running, blocked, threads, Math.max(record.threadCounts[3] as number, highestOwnPid)]);
    });
  }
}
