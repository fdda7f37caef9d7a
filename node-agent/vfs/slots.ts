// The slots in which generations are kept, one for each file of each container in use. The table is set-associative: a
// node id has WAYS possible slots, and the set they form has one lock. A slot's header stands in shared memory and, with
// its content, in the state file, where a successor finds it, and the keeper while there is none.

import { fstatSync, readSync, writeSync } from "node:fs";
import { FuseError } from "../fuse/errno.ts";
import { LEDGER_FILE_BYTES } from "../ledger/ledger.ts";
import { Digest } from "./digest.ts";
import { HANDLES_FILE_BYTES } from "./handles.ts";
import type { NodeId } from "./node-id.ts";

export const SETS = 2048;
const WAYS = 8;
export const SLOTS: number = SETS * WAYS;

/** Address space of a slot in the (sparse) state file; the header comes first. */
const STRIDE_BYTES = 4 * 1024 * 1024;
const HEADER_BYTES = 72;
const WORDS = HEADER_BYTES / 4;
/**
 * A content that fits into a page with its header is written with it at once: the kernel copies all of it, or nothing,
 * whenever this process is killed. A larger one never overwrites the one before it, which stands until the header says
 * otherwise.
 */
const PAGE_BYTES = 4096;
const PLACES = [HEADER_BYTES, PAGE_BYTES, STRIDE_BYTES / 2];
export const MAX_CONTENT_BYTES: number = STRIDE_BYTES / 2 - HEADER_BYTES;

const SCRATCH_BYTES = 64 * 1024;

/**
 * Behind the headers, of this server alone: for each slot what its content's digest is, 0 until this server stored one, how
 * often it was stored, and 1 where nobody but those who opened the file was told of its content.
 */
const NOTE_WORDS = 4;
const note = { digestLow: 0, digestHigh: 1, stores: 2, toldOpenersAlone: 3 } as const;
/** No count of stores. */
const NEVER = -1;

/** Fields of a header, as indices of 32-bit words; a double takes two. */
const word = {
  high: 0,
  low: 1,
  sizeBytes: 2,
  generation: 3,
  openerTid: 12,
  place: 13,
  turning: 14,
  mark: 15,
  owner: 16,
  barrier: 17,
} as const;
const double = { renderedAt: 4, mtimeMillis: 6, unseenUntil: 8, waitingSince: 10 } as const;

/**
 * Marks of a slot of this layout, which the keeper knows too (keeper/renderings.c): another layout, another mark. "settled"
 * may be shown by it, for good, whoever meets the container anew. A "young" one has perhaps no limits yet, and shows the
 * machine.
 */
export const MARK = { young: 0xf1510001, settled: 0xf1510002 } as const;

/**
 * Of a slot whose attributes the kernel may hold to be valid. Else its "barrier" is the number of the one that was raised when
 * they were dropped, or 0.
 */
export const HELD_VALID = 0xffffffff;

export type WordField = keyof typeof word;
export type DoubleField = keyof typeof double;

export function shareHeaders(): SharedArrayBuffer {
  return new SharedArrayBuffer(SLOTS * (HEADER_BYTES + NOTE_WORDS * 4));
}

/** The content itself. Throws FuseError (EFBIG) where it has no room. */
export function fitting(content: Buffer): Buffer {
  if (content.length <= MAX_CONTENT_BYTES) return content;
  throw new FuseError("EFBIG", `A rendering of ${content.length} bytes, ${MAX_CONTENT_BYTES} allowed`);
}

export class Slots {
  readonly #words: Uint32Array;
  readonly #doubles: Float64Array;
  readonly #bytes: Buffer;
  readonly #notes: Uint32Array;
  readonly #fd: number;
  readonly #scratch = Buffer.alloc(SCRATCH_BYTES);
  /** What was last written with its header. */
  readonly #page = Buffer.from(new ArrayBuffer(PAGE_BYTES));
  readonly #pageWords = new Uint32Array(this.#page.buffer);
  readonly #digest = new Digest();
  #pageSlot = 0;
  #pageStores = NEVER;

  constructor(headers: SharedArrayBuffer, stateFd: number) {
    this.#words = new Uint32Array(headers, 0, SLOTS * WORDS);
    this.#doubles = new Float64Array(headers, 0, (SLOTS * WORDS) / 2);
    this.#bytes = Buffer.from(headers, 0, SLOTS * HEADER_BYTES);
    this.#notes = new Uint32Array(headers, SLOTS * HEADER_BYTES);
    this.#fd = stateFd;
  }

  /** Takes over the headers that a predecessor left in the state file. */
  restore(visit: (slot: number) => void): void {
    const used = Math.ceil((fstatSync(this.#fd).size - contentAt(0)) / STRIDE_BYTES);
    for (let slot = 0; slot < used; slot += 1) {
      const read = readSync(this.#fd, this.#bytes, slot * HEADER_BYTES, HEADER_BYTES, contentAt(slot));
      if (read !== HEADER_BYTES || this.word(slot, "low") === 0) continue;
      if (Object.values<number>(MARK).includes(this.word(slot, "mark"))) visit(slot);
      else this.#bytes.fill(0, slot * HEADER_BYTES, (slot + 1) * HEADER_BYTES);
    }
  }

  /** The set of a node id, and so its lock. */
  setOf({ high, low }: NodeId): number {
    const mixed = Math.imul(low ^ Math.imul(high, 0x9e3779b1), 0x85ebca6b);
    return ((mixed >>> 16) ^ (mixed >>> 5)) % SETS;
  }

  nodeOf(slot: number): NodeId {
    return { high: this.word(slot, "high"), low: this.word(slot, "low") };
  }

  find(set: number, { high, low }: NodeId): number | undefined {
    for (let slot = set * WAYS; slot < (set + 1) * WAYS; slot += 1) {
      const at = slot * WORDS;
      if (this.#words[at + word.low] === low && this.#words[at + word.high] === high) return slot;
    }
    return undefined;
  }

  /** Gives a file the slot of its set that was rendered longest ago. */
  claim(set: number, { high, low }: NodeId): number {
    const slot = this.#oldest(set);
    this.setWord(slot, "high", high);
    this.setWord(slot, "low", low);
    this.setWord(slot, "sizeBytes", 0);
    this.setWord(slot, "mark", MARK.young);
    this.setDouble(slot, "unseenUntil", 0);
    this.setDouble(slot, "waitingSince", 0);
    this.setWord(slot, "turning", 0);
    this.setWord(slot, "owner", 0);
    this.setWord(slot, "barrier", 0);
    this.setToldOpenersAlone(slot, false);
    return slot;
  }

  #oldest(set: number): number {
    let oldest = set * WAYS;
    for (let slot = oldest + 1; slot < (set + 1) * WAYS; slot += 1) {
      if (this.double(slot, "renderedAt") < this.double(oldest, "renderedAt")) oldest = slot;
    }
    return oldest;
  }

  word(slot: number, field: WordField): number {
    return this.#words[slot * WORDS + word[field]] as number;
  }

  setWord(slot: number, field: WordField, value: number): void {
    this.#words[slot * WORDS + word[field]] = value;
  }

  double(slot: number, field: DoubleField): number {
    return this.#doubles[(slot * WORDS + double[field]) / 2] as number;
  }

  setDouble(slot: number, field: DoubleField, value: number): void {
    this.#doubles[(slot * WORDS + double[field]) / 2] = value;
  }

  /** Marks what was rendered once limits were in place. Returns whether that is new. */
  settle(slot: number): boolean {
    if (this.word(slot, "mark") === MARK.settled) return false;
    this.setWord(slot, "mark", MARK.settled);
    return true;
  }

  /** For how long its content may be shown, if others may be for so long: not at all where limits were not in place. */
  maxAge(slot: number, maxAgeMillis: number): number {
    return this.word(slot, "mark") === MARK.settled ? maxAgeMillis : 0;
  }

  /** Whether all that the kernel was told of its content came with an open: else other answers may be on their way. */
  hasToldOpenersAlone(slot: number): boolean {
    return this.#notes[slot * NOTE_WORDS + note.toldOpenersAlone] === 1;
  }

  setToldOpenersAlone(slot: number, alone: boolean): void {
    this.#notes[slot * NOTE_WORDS + note.toldOpenersAlone] = Number(alone);
  }

  /** Writes the content and the header, of which the caller has changed what else there is to change. */
  store(slot: number, content: Buffer): void {
    const inPage = HEADER_BYTES + content.length <= PAGE_BYTES;
    const place = inPage ? HEADER_BYTES : this.#freePlace(slot, content.length);
    if (inPage) this.#writePage(slot, content);
    else writeSync(this.#fd, content, 0, content.length, contentAt(slot) + place);
    this.setWord(slot, "place", place);
    this.setWord(slot, "sizeBytes", content.length);
    this.#digest.take(content);
    const notes = slot * NOTE_WORDS;
    this.#notes[notes + note.digestLow] = this.#digest.low;
    this.#notes[notes + note.digestHigh] = this.#digest.high;
    this.#notes[notes + note.stores] = this.#stores(slot) + 1;
    if (inPage) this.#pageStores = this.#stores(slot);
    else this.storeHeader(slot);
  }

  /** Where a content of several pages leaves the present one alone. */
  #freePlace(slot: number, length: number): number {
    const before = this.word(slot, "place");
    const end = before + this.word(slot, "sizeBytes");
    const free = PLACES.filter((place) => place + length <= before || place >= end);
    return free.find((place) => place + length <= STRIDE_BYTES) ?? HEADER_BYTES;
  }

  #writePage(slot: number, content: Buffer): void {
    this.#pageSlot = slot;
    this.#pageStores = NEVER;
    this.#bytes.copy(this.#page, 0, slot * HEADER_BYTES, (slot + 1) * HEADER_BYTES);
    this.#pageWords[word.place] = HEADER_BYTES;
    this.#pageWords[word.sizeBytes] = content.length;
    content.copy(this.#page, HEADER_BYTES);
    writeSync(this.#fd, this.#page, 0, HEADER_BYTES + content.length, contentAt(slot));
  }

  #stores(slot: number): number {
    return this.#notes[slot * NOTE_WORDS + note.stores] as number;
  }

  /** Whether that is a slot's content. One that a predecessor stored and that is too large to be compared is taken for another. */
  holds(slot: number, content: Buffer): boolean {
    const { length } = content;
    if (this.word(slot, "sizeBytes") !== length) return false;
    const notes = slot * NOTE_WORDS;
    const low = this.#notes[notes + note.digestLow];
    if (low !== 0) {
      this.#digest.take(content);
      return low === this.#digest.low && this.#notes[notes + note.digestHigh] === this.#digest.high;
    }
    if (length > SCRATCH_BYTES) return false;
    this.read(slot, 0, length, this.#scratch);
    return this.#scratch.compare(content, 0, length, 0, length) === 0;
  }

  storeHeader(slot: number): void {
    writeSync(this.#fd, this.#bytes, slot * HEADER_BYTES, HEADER_BYTES, contentAt(slot));
  }

  /** The highest value that a field has in any slot. */
  highest(field: WordField): number {
    let highest = 0;
    for (let slot = 0; slot < SLOTS; slot += 1) highest = Math.max(highest, this.word(slot, field));
    return highest;
  }

  /** Copies up to `size` bytes of the content into `target`. */
  read(slot: number, offset: number, size: number, target: Buffer): number {
    const count = Math.min(this.word(slot, "sizeBytes") - offset, size, target.length);
    if (count <= 0) return 0;
    const from = this.word(slot, "place") + offset;
    // Who was told of a rendering reads it next.
    if (this.#pageSlot === slot && this.#pageStores === this.#stores(slot)) {
      return this.#page.copy(target, 0, from, from + count);
    }
    return readSync(this.#fd, target, 0, count, contentAt(slot) + from);
  }
}

/** Where a slot begins in the state file, behind the ledger and the handles. */
function contentAt(slot: number): number {
  return LEDGER_FILE_BYTES + HANDLES_FILE_BYTES + slot * STRIDE_BYTES;
}
