// Locks in shared memory, for threads of one process. Held for microseconds; a waiter sleeps in between.

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
    while (Atomics.compareExchange(this.#words, lock, 0, 1) !== 0) Atomics.wait(this.#words, lock, 1, WAIT_MILLIS);
    try {
      return work();
    } finally {
      Atomics.store(this.#words, lock, 0);
      Atomics.notify(this.#words, lock, 1);
    }
  }
}
