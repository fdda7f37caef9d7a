// Renderings of open files that do not share the page cache: one for each handle, in the state file, where a successor
// finds them. Bounded: who keeps more files open than there are places loses the oldest of them.

import { readSync, writeSync } from "node:fs";
import { LEDGER_FILE_BYTES } from "../ledger/ledger.ts";

const HANDLES = 1024;
const HEADER_BYTES = 16;
const WORDS = HEADER_BYTES / 4;
/** Words of a header. `id` 0: the place is free. `begun`: it was read from its start. */
const word = { id: 0, sizeBytes: 1, begun: 2 } as const;

const HEADERS_BYTES = 64 * 1024;
const STRIDE_BYTES = 2 * 1024 * 1024;
/** How much of the state file handles may take, behind the ledger. */
export const HANDLES_FILE_BYTES: number = HEADERS_BYTES + HANDLES * STRIDE_BYTES;

/** Makes the headers, with what a predecessor left in the state file. */
export function shareHandles(stateFd: number): SharedArrayBuffer {
  const headers = new SharedArrayBuffer(HANDLES * HEADER_BYTES);
  readSync(stateFd, Buffer.from(headers), 0, headers.byteLength, LEDGER_FILE_BYTES);
  return headers;
}

/** The highest handle that is open. */
export function highestHandle(headers: SharedArrayBuffer): number {
  const words = new Int32Array(headers);
  let highest = 0;
  for (let at = word.id; at < words.length; at += WORDS) highest = Math.max(highest, words[at] as number);
  return highest;
}

export class Handles {
  readonly #words: Int32Array;
  readonly #bytes: Buffer;
  readonly #fd: number;

  constructor(headers: SharedArrayBuffer, stateFd: number) {
    this.#words = new Int32Array(headers);
    this.#bytes = Buffer.from(headers);
    this.#fd = stateFd;
  }

  /** A place for a handle: a free one, else that of another, which is lost. */
  take(id: number): number {
    for (let place = 0; place < HANDLES; place += 1) {
      if (Atomics.compareExchange(this.#words, place * WORDS, 0, id) === 0) return place;
    }
    const oldest = this.#oldest();
    Atomics.store(this.#words, oldest * WORDS, id);
    return oldest;
  }

  store(place: number, content: Buffer, begun: boolean): void {
    const at = place * WORDS;
    writeSync(this.#fd, content, 0, content.length, contentAt(place));
    this.#words[at + word.sizeBytes] = content.length;
    this.#words[at + word.begun] = begun ? 1 : 0;
    const header = place * HEADER_BYTES;
    writeSync(this.#fd, this.#bytes, header, HEADER_BYTES, LEDGER_FILE_BYTES + header);
  }

  has(place: number, id: number): boolean {
    return place < HANDLES && this.#words[place * WORDS] === id;
  }

  /** Notes that a handle is read from the start. Returns whether it was before. */
  begins(place: number): boolean {
    const at = place * WORDS + word.begun;
    const before = this.#words[at] === 1;
    this.#words[at] = 1;
    return before;
  }

  /** Copies up to `size` bytes of a handle's rendering into `target`. */
  read(place: number, offset: number, size: number, target: Buffer): number {
    const sizeBytes = this.#words[place * WORDS + word.sizeBytes] as number;
    const count = Math.min(sizeBytes - offset, size, target.length);
    return count <= 0 ? 0 : readSync(this.#fd, target, 0, count, contentAt(place) + offset);
  }

  free(place: number, id: number): void {
    if (place < HANDLES) Atomics.compareExchange(this.#words, place * WORDS, id, 0);
  }

  #oldest(): number {
    let oldest = 0;
    for (let place = 1; place < HANDLES; place += 1) {
      if ((this.#words[place * WORDS] as number) < (this.#words[oldest * WORDS] as number)) oldest = place;
    }
    return oldest;
  }
}

function contentAt(place: number): number {
  return LEDGER_FILE_BYTES + HEADERS_BYTES + place * STRIDE_BYTES;
}
