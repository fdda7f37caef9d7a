// Barriers: how a server knows which requests were sent before it had the kernel drop attributes. The kernel ignores the
// answer to a GETATTR that was sent before (fuse_change_attributes_i of fs/fuse/inode.c), and reads on with the size that it
// knew. So what is answered to those must be what it knows already. A FUSE_NOTIFY_RETRIEVE makes the kernel queue a
// NOTIFY_REPLY: whatever was sent before that is read before it. Shared by all workers.

/** What a NOTIFY_REPLY has for a unique: of another process is another `high`, of the kernel's requests none so large. */
export interface BarrierId {
  uniqueHigh: number;
  uniqueLow: number;
}

const word = { high: 0, last: 1, passed: 2 } as const;
const NO_REQUEST_HAS = 2 ** 30;

export function shareBarriers(): SharedArrayBuffer {
  const shared = new SharedArrayBuffer(3 * Int32Array.BYTES_PER_ELEMENT);
  new Int32Array(shared)[word.high] = NO_REQUEST_HAS + Math.floor(Math.random() * NO_REQUEST_HAS);
  return shared;
}

export class Barriers {
  readonly #words: Int32Array;

  constructor(shared: SharedArrayBuffer) {
    this.#words = new Int32Array(shared);
  }

  /** Number of the barrier that is raised next, by the one thread that does so. */
  get next(): number {
    return Atomics.load(this.#words, word.last) + 1;
  }

  /** The next one. It stands until `pass` is called with it. */
  raise(): BarrierId {
    return { uniqueHigh: this.#words[word.high] as number, uniqueLow: Atomics.add(this.#words, word.last, 1) + 1 };
  }

  /** All that was sent before it has been read. Returns false where it is not one of this server's. */
  pass({ uniqueHigh, uniqueLow }: BarrierId): boolean {
    if (uniqueHigh !== this.#words[word.high]) return false;
    Atomics.store(this.#words, word.passed, uniqueLow);
    return true;
  }

  /** Whether that one, and so all before it, has been passed. */
  hasPassed(number: number): boolean {
    return number <= Atomics.load(this.#words, word.passed);
  }
}
