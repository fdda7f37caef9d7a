// One agent serves a root at a time: the others wait, and the first of them goes on the moment that it ends.

import { closeSync, mkdirSync, openSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { tryLock } from "../linux/file-lock.ts";

const RETRY_MILLIS = 20;

export class AgentLock {
  readonly #directory: string;
  /** Kept open: the lock is held for as long as this process lives. */
  #held: number | undefined;

  constructor(directory: string) {
    this.#directory = directory;
    mkdirSync(directory, { recursive: true, mode: 0o700 });
  }

  /** Waits until no other agent holds the lock. Returns false where `signal` came first. */
  async acquire(waits: () => void, signal: AbortSignal): Promise<boolean> {
    this.#held = this.#open("agent.lock");
    if (tryLock(this.#held)) return true;
    waits();
    // Whoever waits holds another lock, by which the one who serves knows that a successor is there.
    const waiting = this.#open("waiting.lock");
    while (!signal.aborted) {
      tryLock(waiting);
      if (tryLock(this.#held)) {
        closeSync(waiting);
        return true;
      }
      await sleep(RETRY_MILLIS);
    }
    closeSync(waiting);
    return false;
  }

  /** Lets the next one go on. */
  release(): void {
    if (this.#held !== undefined) closeSync(this.#held);
    this.#held = undefined;
  }

  /** Whether another agent waits for this one's end. */
  hasSuccessor(): boolean {
    const waiting = this.#open("waiting.lock");
    try {
      return !tryLock(waiting);
    } finally {
      closeSync(waiting);
    }
  }

  #open(name: string): number {
    return openSync(join(this.#directory, name), "w", 0o600);
  }
}
