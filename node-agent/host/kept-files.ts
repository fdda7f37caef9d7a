// Files that are read again and again, kept open: pread(2) of an open one costs a third of open, read and close. Files of
// procfs, sysfs and cgroupfs render anew when they are read from their start. Bounded, and closed when unused for a while.

import { closeSync, openSync, readSync } from "node:fs";

const MAX_OPEN = 8192;
/** Who polls every second finds its files open; those of a container that is gone are closed. */
const MAX_UNUSED_MILLIS = 3000;
const FIRST_BUFFER_BYTES = 64 * 1024;
const MAX_FILE_BYTES = 4 * 1024 * 1024;

interface Kept {
  fd: number;
  usedAt: number;
}

export class KeptFiles {
  readonly #resolve: (path: string) => string;
  readonly #now: () => number;
  readonly #kept = new Map<string, Kept>();
  #buffer = Buffer.allocUnsafe(FIRST_BUFFER_BYTES);
  #sweptAt = 0;

  /** `resolve` tells the path to open; asked only where a file is not open yet. */
  constructor(resolve: (path: string) => string = (path) => path, now: () => number = () => performance.now()) {
    this.#resolve = resolve;
    this.#now = now;
  }

  /**
   * The whole file, in a buffer that the next read overwrites. `oneRecord`: it is of sysfs or cgroupfs, which hand out all
   * of it at once, so that a short answer is its end. Throws the error of open(2) or read(2).
   */
  read(path: string, oneRecord: boolean): Buffer {
    const now = this.#now();
    if (now - this.#sweptAt > MAX_UNUSED_MILLIS || this.#kept.size > MAX_OPEN) this.#sweep(now);
    let kept = this.#kept.get(path);
    if (kept === undefined) {
      kept = { fd: openSync(this.#resolve(path), "r"), usedAt: now };
      this.#kept.set(path, kept);
    } else kept.usedAt = now;
    try {
      return this.#readFrom(kept.fd, oneRecord);
    } catch (error) {
      this.#drop(path, kept);
      throw error;
    }
  }

  /** How many files are open. */
  get size(): number {
    return this.#kept.size;
  }

  #readFrom(fd: number, oneRecord: boolean): Buffer {
    let length = 0;
    for (;;) {
      const room = this.#buffer.length - length;
      const count = readSync(fd, this.#buffer, length, room, length);
      length += count;
      if (count === 0 || (oneRecord && count < room)) return this.#buffer.subarray(0, length);
      if (length === this.#buffer.length) this.#grow();
    }
  }

  #grow(): void {
    if (this.#buffer.length >= MAX_FILE_BYTES) throw new RangeError(`more than ${MAX_FILE_BYTES} bytes`);
    const larger = Buffer.allocUnsafe(this.#buffer.length * 2);
    this.#buffer.copy(larger);
    this.#buffer = larger;
  }

  #drop(path: string, { fd }: Kept): void {
    closeSync(fd);
    this.#kept.delete(path);
  }

  /** Closes what is unused for long; where still too many are open, the older half. */
  #sweep(now: number): void {
    this.#sweptAt = now;
    for (const [path, kept] of this.#kept) if (now - kept.usedAt > MAX_UNUSED_MILLIS) this.#drop(path, kept);
    if (this.#kept.size <= MAX_OPEN) return;
    const oldestFirst = [...this.#kept].sort(([, a], [, b]) => a.usedAt - b.usedAt);
    for (const [path, kept] of oldestFirst.slice(0, MAX_OPEN / 2)) this.#drop(path, kept);
  }
}
