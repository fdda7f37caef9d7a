// Files that are read again and again, kept open: pread(2) of an open one costs a third of open, read and close. Files of
// procfs, sysfs and cgroupfs render anew when they are read from their start. Bounded, and closed when unused for a while.
// Each open one costs the kernel some 5 KiB, so a file is kept when it is read for the second time within that while.

import { closeSync, openSync, readSync } from "node:fs";

const MAX_OPEN = 8192;
/** Who polls every second finds its files open; those of a container that is gone are closed. */
const MAX_UNUSED_MILLIS = 3000;
const FIRST_BUFFER_BYTES = 64 * 1024;
const MAX_FILE_BYTES = 4 * 1024 * 1024;

interface Known {
  /** Undefined: not open. */
  fd: number | undefined;
  usedAt: number;
}

export class KeptFiles {
  readonly #resolve: (path: string) => string;
  readonly #now: () => number;
  readonly #known = new Map<string, Known>();
  #open = 0;
  #buffer = Buffer.allocUnsafe(FIRST_BUFFER_BYTES);
  #sweptAt = 0;

  /** `resolve` tells the path to open; asked only where a file is not open yet. */
  constructor(resolve: (path: string) => string = (path) => path, now: () => number = () => performance.now()) {
    this.#resolve = resolve;
    this.#now = now;
  }

  /**
   * The whole file, in a buffer that the next read overwrites. `oneRecord`: the kernel hands out all
   * of it at once, as sysfs and cgroupfs do, so that a short answer is its end. Throws the error of open(2) or read(2).
   */
  read(path: string, oneRecord: boolean): Buffer {
    const now = this.#now();
    if (now - this.#sweptAt > MAX_UNUSED_MILLIS || this.#open > MAX_OPEN) this.#sweep(now);
    const known = this.#known.get(path);
    if (known === undefined) {
      const content = this.readOnce(path, oneRecord);
      this.#known.set(path, { fd: undefined, usedAt: now });
      return content;
    }
    known.usedAt = now;
    try {
      known.fd ??= this.#keepOpen(path);
      return this.#readFrom(known.fd, oneRecord);
    } catch (error) {
      this.#drop(path, known);
      throw error;
    }
  }

  /** As `read`, a file that is not kept open however often it is read. */
  readOnce(path: string, oneRecord: boolean): Buffer {
    const fd = openSync(this.#resolve(path), "r");
    try {
      return this.#readFrom(fd, oneRecord);
    } finally {
      closeSync(fd);
    }
  }

  /** How many files are open. */
  get size(): number {
    return this.#open;
  }

  #keepOpen(path: string): number {
    const fd = openSync(this.#resolve(path), "r");
    this.#open += 1;
    return fd;
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

  #drop(path: string, { fd }: Known): void {
    this.#known.delete(path);
    if (fd === undefined) return;
    closeSync(fd);
    this.#open -= 1;
  }

  /** Closes what is unused for long; where still too many are open, the older half. */
  #sweep(now: number): void {
    this.#sweptAt = now;
    for (const [path, known] of this.#known) if (now - known.usedAt > MAX_UNUSED_MILLIS) this.#drop(path, known);
    if (this.#open <= MAX_OPEN) return;
    const open = [...this.#known].filter(([, { fd }]) => fd !== undefined);
    const oldestFirst = open.sort(([, a], [, b]) => a.usedAt - b.usedAt);
    for (const [path, known] of oldestFirst.slice(0, MAX_OPEN / 2)) this.#drop(path, known);
  }
}
