// What the threads of a server share of its generations, begun with what a predecessor left in the memory file.

import { shareLocks } from "../shared-memory/locks.ts";
import { shareBarriers } from "./barriers.ts";
import { type SharedReaders, shareReaders } from "./readers.ts";
import { HELD_VALID, SETS, SLOTS, Slots, shareHeaders } from "./slots.ts";
import { type SharedWaiting, shareWaiting } from "./waiting.ts";

/** What the workers of one server share: pass it to each `new Generations`. */
export interface SharedGenerations {
  locks: SharedArrayBuffer;
  headers: SharedArrayBuffer;
  readers: SharedReaders;
  waiting: SharedWaiting;
  counter: SharedArrayBuffer;
  barriers: SharedArrayBuffer;
}

/** Makes the shared part, with what a predecessor left in the memory file. */
export function shareGenerations(stateFd: number): SharedGenerations {
  const shared = {
    locks: shareLocks(SETS),
    headers: shareHeaders(),
    readers: shareReaders(SLOTS),
    waiting: shareWaiting(),
    counter: new SharedArrayBuffer(4),
    barriers: shareBarriers(),
  };
  const slots = new Slots(shared.headers, stateFd);
  const counter = new Int32Array(shared.counter);
  slots.restore((slot) => {
    counter[0] = Math.max(counter[0] as number, slots.word(slot, "generation"));
    // Readers that the predecessor knew of are not known now; whoever comes may be in the middle, until attributes are dropped.
    slots.setDouble(slot, "unseenUntil", Number.POSITIVE_INFINITY);
    slots.setWord(slot, "barrier", HELD_VALID);
    slots.setDouble(slot, "waitingSince", 0);
    slots.setWord(slot, "turning", 0);
    // It may have died before the kernel had the content.
    stampNew(slots, slot, counter);
  });
  return shared;
}

/** A new time of change, at which the kernel drops its pages. */
export function stampNew(slots: Slots, slot: number, counter: Int32Array): void {
  slots.setWord(slot, "generation", Atomics.add(counter, 0, 1) + 1);
  slots.setDouble(slot, "mtimeMillis", Date.now());
}
