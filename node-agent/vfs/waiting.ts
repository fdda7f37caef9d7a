// Requests that wait for a file to turn (turn.ts): any worker may answer them, whoever read them. One pool for all files.

import { Locks, shareLocks } from "../shared-memory/locks.ts";
import type { NodeId } from "./node-id.ts";

const CAPACITY = 1024;
const WORDS = 6;
/** Node ids are never 0: their low word holds the file's index. */
const field = { nodeLow: 0, nodeHigh: 1, uniqueLow: 2, uniqueHigh: 3, tid: 4, lookup: 5 } as const;

export interface WaitingRequest {
  uniqueLow: number;
  uniqueHigh: number;
  tid: number;
  /** Asked by LOOKUP, else by GETATTR. */
  lookup: boolean;
}

const NOBODY: readonly WaitingRequest[] = [];

export interface SharedWaiting {
  lock: SharedArrayBuffer;
  words: SharedArrayBuffer;
  /** One word: how many wait. */
  count: SharedArrayBuffer;
}

export function shareWaiting(): SharedWaiting {
  return {
    lock: shareLocks(1),
    words: new SharedArrayBuffer(CAPACITY * WORDS * Uint32Array.BYTES_PER_ELEMENT),
    count: new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT),
  };
}

export class Waiting {
  readonly #locks: Locks;
  readonly #words: Uint32Array;
  readonly #count: Int32Array;

  constructor({ lock, words, count }: SharedWaiting) {
    this.#locks = new Locks(lock);
    this.#words = new Uint32Array(words);
    this.#count = new Int32Array(count);
  }

  /** Returns false where there is no room. */
  add(node: NodeId, request: WaitingRequest): boolean {
    return this.#locks.holding(0, () => {
      for (let at = 0; at < this.#words.length; at += WORDS) {
        if (this.#words[at] !== 0) continue;
        this.#words[at + field.nodeLow] = node.low;
        this.#words[at + field.nodeHigh] = node.high;
        this.#words[at + field.uniqueLow] = request.uniqueLow;
        this.#words[at + field.uniqueHigh] = request.uniqueHigh;
        this.#words[at + field.tid] = request.tid;
        this.#words[at + field.lookup] = request.lookup ? 1 : 0;
        Atomics.add(this.#count, 0, 1);
        return true;
      }
      return false;
    });
  }

  /**
   * Takes out all that wait for a file. The caller holds the lock of the file's set, as whoever adds does, so one glance
   * tells that nobody waits, as is nearly always so.
   */
  take(node: NodeId): readonly WaitingRequest[] {
    if (Atomics.load(this.#count, 0) === 0) return NOBODY;
    return this.#locks.holding(0, () => {
      const taken: WaitingRequest[] = [];
      for (let at = 0; at < this.#words.length; at += WORDS) {
        if (this.#words[at] !== node.low || this.#words[at + field.nodeHigh] !== node.high) continue;
        this.#words[at] = 0;
        Atomics.sub(this.#count, 0, 1);
        taken.push({
          uniqueLow: this.#words[at + field.uniqueLow] as number,
          uniqueHigh: this.#words[at + field.uniqueHigh] as number,
          tid: this.#words[at + field.tid] as number,
          lookup: this.#words[at + field.lookup] === 1,
        });
      }
      return taken;
    });
  }
}
