// How often the limits of containers were seen to change: counters that all threads of a server share, since workers hear of
// nothing while they wait for the kernel. One thread watches (session/limit-watch.ts).

import { hasPendingEvents } from "../linux/inotify-pending.ts";

/** Containers share counters by the rest of their key: at worst the limits of a neighbour are read once more. */
const COUNTERS = 4096;
/** Words behind the counters. */
const word = {
  /** Not 0 once changes are not seen any more. */
  givenUp: COUNTERS,
  /** The descriptor on which the kernel tells of writes; 0 before there is one. */
  eventsFd: COUNTERS + 1,
  /** 1 while the thread that watches takes events and counts what they say. */
  hears: COUNTERS + 2,
} as const;
/** An even number, for doubles follow. */
const WORDS = COUNTERS + 4;

export function shareLimitsEpochs(): SharedArrayBuffer {
  return new SharedArrayBuffer(WORDS * Int32Array.BYTES_PER_ELEMENT + COUNTERS * Float64Array.BYTES_PER_ELEMENT);
}

export class LimitsEpochs {
  readonly #words: Int32Array;
  /** Of each counter one of the containers that are watched, by key. */
  readonly #watched: Float64Array;

  constructor(shared: SharedArrayBuffer) {
    this.#words = new Int32Array(shared, 0, WORDS);
    this.#watched = new Float64Array(shared, this.#words.byteLength);
  }

  /** Differs from what it was once limits of the container changed. */
  of(key: number): number {
    return Atomics.load(this.#words, key % COUNTERS);
  }

  changed(keys: Iterable<number>): void {
    for (const key of keys) Atomics.add(this.#words, key % COUNTERS, 1);
  }

  /** That container's limits are watched from now on: what was read of them before does not count. */
  watches(key: number): void {
    this.changed([key]);
    this.#watched[key % COUNTERS] = key;
  }

  /** Of all containers only these are watched. */
  keep(keys: ReadonlySet<number>): void {
    for (let at = 0; at < COUNTERS; at += 1) if (!keys.has(this.#watched[at] as number)) this.#watched[at] = 0;
  }

  /** Writes show on that descriptor, which is inotify(7)'s, and does not block. */
  eventsOn(fd: number): void {
    Atomics.store(this.#words, word.eventsFd, fd);
  }

  /** Takes events and counts what they say. */
  hear(take: () => void): void {
    Atomics.store(this.#words, word.hears, 1);
    try {
      take();
    } finally {
      Atomics.store(this.#words, word.hears, 0);
    }
  }

  /**
   * Whether `of` tells of every write that had returned before it is asked next. Events are taken only while `hears` is 1: who
   * finds none, and then nobody at it, finds counted all that there were.
   */
  tellAll(key: number): boolean {
    const fd = Atomics.load(this.#words, word.eventsFd);
    if (fd === 0 || this.#watched[key % COUNTERS] !== key || !this.areWatched) return false;
    return !hasPendingEvents(fd) && Atomics.load(this.#words, word.hears) === 0;
  }

  /** From now on nobody notices changes. */
  giveUp(): void {
    Atomics.store(this.#words, word.givenUp, 1);
  }

  get areWatched(): boolean {
    return Atomics.load(this.#words, word.givenUp) === 0;
  }
}
