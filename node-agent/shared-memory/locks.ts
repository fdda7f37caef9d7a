// Locks in shared memory, for threads of one process. Held for microseconds; a waiter sleeps in between.

/** Awaited: held, and perhaps somebody sleeps until it is free. To wake nobody costs as much as all else. */
const FREE = 0;
const HELD = 1;
const AWAITED = 2;

/** A millisecond: a notification lost to a race costs no more than that. */
const WAIT_MILLIS = 1;

export function shareLocks(count: number): SharedArrayBuffer {
  return new SharedArrayBuffer(count * Int32Array.BYTES_PER_ELEMENT);
}

export class Locks {
  readonly #words: Int32Array;

  constructor(shared: SharedArrayBuffer) {
    this.#words = new Int32Array(shared);
  }

  /** Runs `work` while this thread alone holds that lock. Not reentrant. */
  holding<Result>(lock: number, work: () => Result): Result {
    if (Atomics.compareExchange(this.#words, lock, FREE, HELD) !== FREE) this.#wait(lock);
    try {
      return work();
    } finally {
      if (Atomics.exchange(this.#words, lock, FREE) === AWAITED) Atomics.notify(this.#words, lock, 1);
    }
  }

  #wait(lock: number): void {
    while (Atomics.exchange(this.#words, lock, AWAITED) !== FREE) Atomics.wait(this.#words, lock, AWAITED, WAIT_MILLIS);
  }
}
