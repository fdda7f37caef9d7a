// Who has lately been seen reading a file: the last threads of each slot, in memory that all workers share. Guarded by
// the lock of the slot's set.

const READERS_PER_SLOT = 24;
const WORDS = 3;
const ROW_WORDS = READERS_PER_SLOT * WORDS;
/** Words of an entry: a thread, when it was seen last, and when it was seen first in this pass through the file. */
const field = { tid: 0, seenAt: 1, since: 2 } as const;
const TIME_UNITS_PER_MILLI = 10;

/** Seen so recently that it is taken to be reading still. */
const HOT_MILLIS = 0.5;
/** Who is seen no more for so long has finished. */
const FORGET_MILLIS = 500;
/** Who reads for longer than that is not reading one file but the same one over and over. */
const PASS_MILLIS = 500;

/** Slots in use are scattered over their table: each is given a row when it is first met, so that rows in use are not. */
export interface SharedReaders {
  /** Of each slot the number of its row; 0 of one that was never met. */
  rows: SharedArrayBuffer;
  rowsGiven: SharedArrayBuffer;
  words: SharedArrayBuffer;
}

export function shareReaders(slots: number): SharedReaders {
  const { BYTES_PER_ELEMENT } = Uint32Array;
  return {
    rows: new SharedArrayBuffer(slots * BYTES_PER_ELEMENT),
    rowsGiven: new SharedArrayBuffer(BYTES_PER_ELEMENT),
    words: new SharedArrayBuffer(slots * ROW_WORDS * BYTES_PER_ELEMENT),
  };
}

export class Readers {
  readonly #rows: Uint32Array;
  readonly #rowsGiven: Uint32Array;
  readonly #words: Uint32Array;

  constructor({ rows, rowsGiven, words }: SharedReaders) {
    this.#rows = new Uint32Array(rows);
    this.#rowsGiven = new Uint32Array(rowsGiven);
    this.#words = new Uint32Array(words);
  }

  /** Notes that a thread was let on to read, from the start if it `begins`. The longest unseen one makes room. */
  saw(slot: number, tid: number, now: number, begins: boolean): void {
    const time = timeOf(now);
    const known = this.#find(slot, tid);
    const place = known ?? this.#longestUnseen(slot, time);
    this.#words[place] = tid;
    this.#words[place + field.seenAt] = time;
    if (begins || known === undefined) this.#words[place + field.since] = time;
  }

  /** Notes that a thread is not reading: it waits, or begins anew. */
  left(slot: number, tid: number): void {
    const place = this.#find(slot, tid);
    if (place !== undefined) this.#words[place] = 0;
  }

  /** Forgets all: the slot got another file. */
  clear(slot: number): void {
    const first = this.#first(slot);
    this.#words.fill(0, first, first + ROW_WORDS);
  }

  /** Whether a thread is known to be on its way through the file. Before `unseenUntil` nobody was seen. */
  isInPass(slot: number, tid: number, now: number, unseenUntil: number): boolean {
    const place = this.#find(slot, tid);
    return place !== undefined && this.#inPass(place, timeOf(now), now - unseenUntil);
  }

  /** Whether anyone may be in the middle: seen just now, or seen lately and found at it. */
  anyInPass(slot: number, now: number, unseenUntil: number, isReading: (tid: number) => boolean): boolean {
    const time = timeOf(now);
    for (let at = this.#first(slot), end = at + ROW_WORDS; at < end; at += WORDS) {
      const tid = this.#words[at] as number;
      if (tid === 0) continue;
      const hot = millisSince(this.#words[at + field.seenAt] as number, time) < HOT_MILLIS;
      if (this.#inPass(at, time, now - unseenUntil) && (hot || isReading(tid))) return true;
    }
    return false;
  }

  /** Whether another thread has read this file lately. */
  anyOther(slot: number, tid: number, now: number): boolean {
    const time = timeOf(now);
    for (let at = this.#first(slot), end = at + ROW_WORDS; at < end; at += WORDS) {
      const other = this.#words[at] as number;
      if (other !== 0 && other !== tid && millisSince(this.#words[at + field.seenAt] as number, time) < FORGET_MILLIS) {
        return true;
      }
    }
    return false;
  }

  #inPass(place: number, time: number, sightMillis: number): boolean {
    const unseen = millisSince(this.#words[place + field.seenAt] as number, time);
    const passing = millisSince(this.#words[place + field.since] as number, time);
    return Math.min(unseen, sightMillis) < FORGET_MILLIS && Math.min(passing, sightMillis) < PASS_MILLIS;
  }

  #find(slot: number, tid: number): number | undefined {
    for (let at = this.#first(slot), end = at + ROW_WORDS; at < end; at += WORDS) {
      if (this.#words[at] === tid) return at;
    }
    return undefined;
  }

  #longestUnseen(slot: number, time: number): number {
    let place = this.#first(slot);
    let longest = -1;
    for (let at = place, end = at + ROW_WORDS; at < end; at += WORDS) {
      if (this.#words[at] === 0) return at;
      const unseen = millisSince(this.#words[at + field.seenAt] as number, time);
      if (unseen <= longest) continue;
      longest = unseen;
      place = at;
    }
    return place;
  }

  #first(slot: number): number {
    const row = this.#rows[slot] || this.#giveRow(slot);
    return (row - 1) * ROW_WORDS;
  }

  #giveRow(slot: number): number {
    const row = Atomics.add(this.#rowsGiven, 0, 1) + 1;
    this.#rows[slot] = row;
    return row;
  }
}

/** Wraps around after five days, which differences do not mind. */
function timeOf(now: number): number {
  return Math.floor(now * TIME_UNITS_PER_MILLI) % 2 ** 32;
}

function millisSince(then: number, time: number): number {
  return ((time - then) >>> 0) / TIME_UNITS_PER_MILLI;
}
