// Tells when the mounts of a namespace have changed: the kernel says so by POLLPRI on an open mountinfo (proc(5)).

import { closeSync, openSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { awaitPriority } from "../linux/namespace-calls.ts";

/** poll(2) cannot be called off: it ends by itself, and the program with it. */
const POLL_MILLIS = 1000;
/** At most so often: a busy machine mounts all the time. */
const REST_MILLIS = 100;

export class MountWatch {
  readonly #changed: () => void;
  readonly #fd: number;
  #stopped = false;

  constructor(mountinfo: string, changed: () => void) {
    this.#fd = openSync(mountinfo, "r");
    this.#changed = changed;
    void this.#watch();
  }

  /** Nothing is told any more. */
  stop(): void {
    this.#stopped = true;
  }

  async #watch(): Promise<void> {
    try {
      while (!this.#stopped) {
        if (!(await awaitPriority(this.#fd, POLL_MILLIS)) || this.#stopped) continue;
        this.#changed();
        await sleep(REST_MILLIS);
      }
    } finally {
      closeSync(this.#fd);
    }
  }
}
