// How often the limits of containers were seen to change: counters that all threads of a server share, since workers hear of
// nothing while they wait for the kernel. One thread watches (session/limit-watch.ts).

/** Containers share counters by the rest of their key: at worst the limits of a neighbour are read once more. */
const COUNTERS = 1024;
/** Behind the counters: not 0 once changes are not seen any more. */
const GIVEN_UP = COUNTERS;

export function shareLimitsEpochs(): SharedArrayBuffer {
  return new SharedArrayBuffer((COUNTERS + 1) * Int32Array.BYTES_PER_ELEMENT);
}

export class LimitsEpochs {
  readonly #words: Int32Array;

  constructor(shared: SharedArrayBuffer) {
    this.#words = new Int32Array(shared);
  }

  /** Differs from what it was once limits of the container changed. */
  of(key: number): number {
    return Atomics.load(this.#words, key % COUNTERS);
  }

  changed(keys: Iterable<number>): void {
    for (const key of keys) Atomics.add(this.#words, key % COUNTERS, 1);
  }

  /** From now on nobody notices changes. */
  giveUp(): void {
    Atomics.store(this.#words, GIVEN_UP, 1);
  }

  get areWatched(): boolean {
    return Atomics.load(this.#words, GIVEN_UP) === 0;
  }
}
