// The journal: where workers read requests to on kernels that cannot send them again (before 6.9). It is a memory file
// that the keeper holds and the workers map, so that the kernel itself writes each request where a successor finds it:
// there is no moment in which a killed worker has read a request that nobody knows of. docs/adr/0011-the-journal.md

import { fstatSync, ftruncateSync, readSync } from "node:fs";
import { fuse_in_header } from "../fuse/abi.ts";
import { type Inbox, type Slot, slotIn } from "../fuse/inbox.ts";
import { mapFile } from "../linux/mapped-file.ts";

/** The least that /dev/fuse reads to. The keeper knows this layout too: keeper/inbox.c. */
const SLOT_BYTES = 8192;
const MAX_WORKERS = 16;
/** Of all workers, in equal parts: one for the request it works at, the others for those that wait for a file to turn. */
const WORKERS_SLOTS = 1024;
/** The keeper's own part, behind those of the workers: what it read while it stood in and left (keeper/inbox.c). */
const KEEPER_SLOTS = 128;
const FILE_BYTES = (WORKERS_SLOTS + KEEPER_SLOTS) * SLOT_BYTES;
/** Of the header's `len`: no request. */
const EMPTY = 0;

export class Journal implements Inbox {
  readonly #fd: number;
  readonly #worker: number;
  readonly #workers: number;
  readonly #slotsPerWorker: number;
  readonly #slots: Slot[] = [];
  readonly #own: readonly Slot[];

  /** The part of one worker. */
  constructor(fd: number, worker: number, workers: number) {
    this.#fd = fd;
    this.#worker = worker;
    this.#workers = Math.min(workers, MAX_WORKERS);
    this.#slotsPerWorker = Math.floor(WORKERS_SLOTS / this.#workers);
    if (fstatSync(fd).size < FILE_BYTES) ftruncateSync(fd, FILE_BYTES);
    const memory = mapFile(fd, FILE_BYTES);
    for (let at = 0; at < memory.length; at += SLOT_BYTES)
      this.#slots.push(slotIn(memory.subarray(at, at + SLOT_BYTES)));
    this.#own = this.#slots.slice(worker * this.#slotsPerWorker, (worker + 1) * this.#slotsPerWorker);
  }

  /** Workers beyond that keep no journal. */
  static hasRoomFor(worker: number): boolean {
    return worker < MAX_WORKERS;
  }

  /** Those of its own part; the first worker also looks after parts that no worker of this server has. */
  *unanswered(): Iterable<Slot> {
    for (let place = 0; place < this.#slots.length; place += 1) {
      const owner = Math.floor(place / this.#slotsPerWorker);
      const ours = owner === this.#worker || (this.#worker === 0 && owner >= this.#workers);
      if (ours && this.#holds(place)) yield this.#slots[place] as Slot;
    }
  }

  /** Whether one more request can wait: another than the one that a worker is at can be read then. */
  hasRoom(): boolean {
    return this.#own.some(isEmpty);
  }

  /** The first that is free: there is one, since nothing is left waiting in the last (hasRoom). */
  free(): Slot {
    const slot = this.#own.find(isEmpty) ?? (this.#own.at(-1) as Slot);
    // Also makes the page present: to a killed process the kernel gives none, and the reader would get EIO.
    slot.buffer.writeUInt32LE(EMPTY, fuse_in_header.len);
    return slot;
  }

  done(slot: Slot): void {
    slot.buffer.writeUInt32LE(EMPTY, fuse_in_header.len);
  }

  /** A request that was put off has its answer, from whichever thread. */
  answeredLate(uniqueLow: number, uniqueHigh: number): void {
    const ofWorkers = this.#workers * this.#slotsPerWorker;
    const slot = this.#slots.find((candidate, place) => {
      if (place < ofWorkers ? isEmpty(candidate) : !this.#holds(place)) return false;
      return candidate.request.uniqueLow === uniqueLow && candidate.request.uniqueHigh === uniqueHigh;
    });
    if (slot !== undefined) this.done(slot);
  }

  /** By read(2): looking at mapped memory would take up a page for each empty slot. */
  #holds(place: number): boolean {
    const length = Buffer.alloc(4);
    readSync(this.#fd, length, 0, length.length, place * SLOT_BYTES + fuse_in_header.len);
    return length.readUInt32LE() !== EMPTY;
  }
}

function isEmpty({ buffer }: Slot): boolean {
  return buffer.readUInt32LE(fuse_in_header.len) === EMPTY;
}
