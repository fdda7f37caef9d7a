// Generations: the one rendering of a file that all its readers see until it is too old. Shared by all workers, and kept
// in a memory file that outlives the process: a successor answers a READ with the bytes whose size the kernel was told.
//
// A slot holds one file of one container. The table is set-associative: a node id has WAYS possible slots, and the set
// they form has one lock. A slot's header stands in shared memory and, with its content, in the memory file.

import { fstatSync, readSync, writeSync } from "node:fs";
import { FuseError } from "../fuse/errno.ts";
import { LEDGER_FILE_BYTES } from "../ledger/ledger.ts";
import { Locks, shareLocks } from "../shared-memory/locks.ts";

const SETS = 512;
const WAYS = 8;
export const SLOTS = SETS * WAYS;

/** Address space of a slot in the (sparse) state file; the header comes first. */
const STRIDE_BYTES = 4 * 1024 * 1024;
const HEADER_BYTES = 64;
export const MAX_CONTENT_BYTES = STRIDE_BYTES - HEADER_BYTES;

/** Fields of a header, as indices of 32-bit words; `renderedAt` and `mtimeMillis` are doubles. */
const field = { high: 0, low: 1, size: 2, generation: 3, renderedAt: 4, mtimeMillis: 6 } as const;
const WORDS = HEADER_BYTES / 4;

export interface Generation {
  sizeBytes: number;
  /** Wall-clock milliseconds of the rendering, and a count that tells two within one millisecond apart. */
  mtimeMillis: number;
  generation: number;
  ageMillis: number;
}

/** Where the content of a generation comes from. */
export interface Source {
  render(): Buffer;
  fallback(): Buffer;
  /** `render` threw; told what is served instead. */
  failed(error: unknown, served: "last good" | "fallback"): void;
}

/** What the workers of one server share: pass it to each `new Generations`. */
export interface SharedGenerations {
  locks: SharedArrayBuffer;
  headers: SharedArrayBuffer;
  counter: SharedArrayBuffer;
}

/** Makes the shared part, with what a predecessor left in the memory file. */
export function shareGenerations(contentFd: number): SharedGenerations {
  const shared = {
    locks: shareLocks(SETS),
    headers: new SharedArrayBuffer(SLOTS * HEADER_BYTES),
    counter: new SharedArrayBuffer(4),
  };
  const header = Buffer.alloc(HEADER_BYTES);
  const headers = Buffer.from(shared.headers);
  let newest = 0;
  const used = Math.ceil((fstatSync(contentFd).size - contentAt(0)) / STRIDE_BYTES);
  for (let slot = 0; slot < used; slot += 1) {
    if (readSync(contentFd, header, 0, HEADER_BYTES, contentAt(slot)) < HEADER_BYTES) continue;
    header.copy(headers, slot * HEADER_BYTES);
    newest = Math.max(newest, header.readUInt32LE(field.generation * 4));
  }
  new Int32Array(shared.counter)[0] = newest;
  return shared;
}

export class Generations {
  readonly #locks: Locks;
  readonly #words: Uint32Array;
  readonly #doubles: Float64Array;
  readonly #headers: Buffer;
  readonly #counter: Int32Array;
  readonly #contentFd: number;

  constructor(shared: SharedGenerations, contentFd: number) {
    this.#locks = new Locks(shared.locks);
    this.#words = new Uint32Array(shared.headers);
    this.#doubles = new Float64Array(shared.headers);
    this.#headers = Buffer.from(shared.headers);
    this.#counter = new Int32Array(shared.counter);
    this.#contentFd = contentFd;
  }

  /** The generation to be told of now: the present one while it is younger than `maxAgeMillis`, else a new one. */
  current(node: { high: number; low: number }, maxAgeMillis: number, source: Source): Generation {
    const set = setOf(node.high, node.low);
    return this.#locks.holding(set, () => {
      const slot = this.#find(set, node.high, node.low);
      const now = monotonicMillis();
      if (slot !== undefined && now - this.#renderedAt(slot) < maxAgeMillis) return this.#generation(slot, now);
      return this.#renew(set, slot, node, source);
    });
  }

  /** Where the rendering fails, the last good generation stands, else the fallback. Never an empty file. */
  #renew(set: number, slot: number | undefined, node: { high: number; low: number }, source: Source): Generation {
    try {
      return this.#store(slot ?? this.#victim(set), node, source.render());
    } catch (error) {
      source.failed(error, slot === undefined ? "fallback" : "last good");
      if (slot !== undefined) return this.#generation(slot, this.#renderedAt(slot));
      return this.#store(this.#victim(set), node, source.fallback());
    }
  }

  /** Copies bytes of the present generation; undefined where none is kept. */
  read(node: { high: number; low: number }, offset: number, size: number, target: Buffer): number | undefined {
    const set = setOf(node.high, node.low);
    return this.#locks.holding(set, () => {
      const slot = this.#find(set, node.high, node.low);
      if (slot === undefined) return undefined;
      const left = (this.#words[slot * WORDS + field.size] as number) - offset;
      const count = Math.min(left, size, target.length);
      if (count <= 0) return 0;
      return readSync(this.#contentFd, target, 0, count, contentAt(slot) + HEADER_BYTES + offset);
    });
  }

  #store(slot: number, node: { high: number; low: number }, content: Buffer): Generation {
    if (content.length > MAX_CONTENT_BYTES) {
      throw new FuseError("EFBIG", `A rendering of ${content.length} bytes, ${MAX_CONTENT_BYTES} allowed`);
    }
    const word = slot * WORDS;
    this.#words[word + field.high] = node.high;
    this.#words[word + field.low] = node.low;
    this.#words[word + field.size] = content.length;
    this.#words[word + field.generation] = Atomics.add(this.#counter, 0, 1) + 1;
    this.#doubles[(word + field.renderedAt) / 2] = monotonicMillis();
    this.#doubles[(word + field.mtimeMillis) / 2] = Date.now();
    const at = contentAt(slot);
    writeSync(this.#contentFd, content, 0, content.length, at + HEADER_BYTES);
    writeSync(this.#contentFd, this.#headers, slot * HEADER_BYTES, HEADER_BYTES, at);
    return this.#generation(slot, this.#renderedAt(slot));
  }

  #generation(slot: number, now: number): Generation {
    const word = slot * WORDS;
    return {
      sizeBytes: this.#words[word + field.size] as number,
      mtimeMillis: this.#doubles[(word + field.mtimeMillis) / 2] as number,
      generation: this.#words[word + field.generation] as number,
      ageMillis: now - this.#renderedAt(slot),
    };
  }

  #renderedAt(slot: number): number {
    return this.#doubles[(slot * WORDS + field.renderedAt) / 2] as number;
  }

  #find(set: number, high: number, low: number): number | undefined {
    for (let slot = set * WAYS; slot < (set + 1) * WAYS; slot += 1) {
      const word = slot * WORDS;
      if (this.#words[word + field.low] === low && this.#words[word + field.high] === high) return slot;
    }
    return undefined;
  }

  #victim(set: number): number {
    let oldest = set * WAYS;
    for (let slot = oldest + 1; slot < (set + 1) * WAYS; slot += 1) {
      if (this.#renderedAt(slot) < this.#renderedAt(oldest)) oldest = slot;
    }
    return oldest;
  }
}

/** Where a slot begins in the state file, of which the ledger has the first part. */
function contentAt(slot: number): number {
  return LEDGER_FILE_BYTES + slot * STRIDE_BYTES;
}

/** Milliseconds of CLOCK_MONOTONIC: the same in every thread and for a successor. */
export function monotonicMillis(): number {
  const [seconds, nanos] = process.hrtime();
  return seconds * 1000 + nanos / 1e6;
}

function setOf(high: number, low: number): number {
  const mixed = Math.imul(low ^ Math.imul(high, 0x9e3779b1), 0x85ebca6b);
  return ((mixed >>> 16) ^ (mixed >>> 7)) % SETS;
}
