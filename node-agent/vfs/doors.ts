// One container at a time through a name. All containers walk the same names to inodes of their own, so a LOOKUP that
// leads elsewhere than the one before makes the kernel unhash the name's dentry. Whoever has just come by that dentry is
// then refused its mount (d_set_mounted of fs/dcache.c: ENOENT), or finds its path "(deleted)", at which runc gives up. So
// who walks to a name holds its door until the thread has gone on, and LOOKUPs of others wait.
//
// A walker that finds another's dentry asks twice: to revalidate it, and again once it is unhashed. In between the name
// has no dentry, and a LOOKUP that comes then holds the name itself (d_alloc_parallel): it must not wait for the walker,
// which waits for it, and is let in instead; the walker finds its dentry and waits its turn.

import { Locks, shareLocks } from "../shared-memory/locks.ts";
import { type ContainerKey, HOST_KEY, type NodeId } from "./node-id.ts";
import { type SharedWaiting, shareWaiting, Waiting, type WaitingRequest } from "./waiting.ts";

/** Names that runtimes mount stand at the beginning of the tree's indices (contract/). */
export const DOORS = 128;
/** Doubles of a door. `dentryKey` is whose LOOKUP was answered last, plus one; `renews`: the holder will ask again. */
const FIELDS = 5;
const field = { key: 0, tid: 1, heldSince: 2, dentryKey: 3, renews: 4 } as const;

/** A bind and the remount after it take some of that. */
const WALK_MILLIS = 3;
/** Who runs for longer than that has gone on. */
const MAX_HOLD_MILLIS = 20;
/** Waiting requests of a door are kept under a node id that no file has. */
const DOOR_HIGH = 2 ** 32 - 1;

export interface SharedDoors {
  locks: SharedArrayBuffer;
  doors: SharedArrayBuffer;
  waiting: SharedWaiting;
}

export interface Entry {
  /** Else its request waits. */
  enters: boolean;
  /** Doors that are free now and at which others wait. */
  freed: readonly number[];
}

export function shareDoors(): SharedDoors {
  const doors = new SharedArrayBuffer(DOORS * FIELDS * Float64Array.BYTES_PER_ELEMENT);
  return { locks: shareLocks(1), doors, waiting: shareWaiting() };
}

export class Doors {
  readonly #locks: Locks;
  readonly #doors: Float64Array;
  readonly #waiting: Waiting;
  readonly #now: () => number;
  readonly #isWalking: (tid: number) => boolean;

  /** `isWalking` tells whether a thread runs, or waits for an answer of ours. `now` tells milliseconds. */
  constructor(shared: SharedDoors, now: () => number, isWalking: (tid: number) => boolean) {
    this.#locks = new Locks(shared.locks);
    this.#doors = new Float64Array(shared.doors);
    this.#waiting = new Waiting(shared.waiting);
    this.#now = now;
    this.#isWalking = isWalking;
  }

  /** Lets a thread walk to a name, or has its request wait. Whichever, it is through with the names before. */
  enter(door: number, key: ContainerKey, request: WaitingRequest): Entry {
    return this.#locks.holding(0, () => {
      const freed = this.#leave(request.tid, door);
      if (this.#mustWait(door, key, request.tid) && this.#waiting.add(nodeOf(door), request)) {
        return { enters: false, freed };
      }
      this.#admit(door, key, request.tid);
      return { enters: true, freed };
    });
  }

  /** Takes out who waits at a door; whom it is not for yet `enter` puts back. None while it is held. */
  waitingAt(door: number): readonly WaitingRequest[] {
    return this.#locks.holding(0, () => (this.#isHeld(door) ? [] : this.#waiting.take(nodeOf(door))));
  }

  hasWaiting(door: number): boolean {
    return this.#waiting.has(nodeOf(door));
  }

  #mustWait(door: number, key: ContainerKey, tid: number): boolean {
    if (this.#get(door, "tid") === tid || this.#get(door, "key") === key) return false;
    return this.#get(door, "renews") === 0 && this.#isHeld(door);
  }

  #admit(door: number, key: ContainerKey, tid: number): void {
    const isHolder = this.#get(door, "heldSince") !== 0 && this.#get(door, "tid") === tid;
    // In between a holder's two questions the name has no dentry that a walker could find.
    const finds = this.#get(door, "dentryKey") !== 0 && (isHolder || this.#get(door, "renews") === 0);
    const renews = finds && this.#get(door, "dentryKey") !== key + 1;
    this.#set(door, "dentryKey", key + 1);
    this.#set(door, "renews", renews ? 1 : 0);
    this.#set(door, "key", key);
    this.#set(door, "tid", tid);
    // The host mounts nothing in a hurry.
    this.#set(door, "heldSince", key === HOST_KEY ? 0 : this.#now());
  }

  #isHeld(door: number): boolean {
    const heldMillis = this.#now() - this.#get(door, "heldSince");
    if (heldMillis < WALK_MILLIS) return true;
    return heldMillis < MAX_HOLD_MILLIS && this.#isWalking(this.#get(door, "tid"));
  }

  /** Frees the doors that a thread held; returns those at which others wait. */
  #leave(tid: number, except: number): readonly number[] {
    const freed: number[] = [];
    for (let door = 0; door < DOORS; door += 1) {
      if (door === except || this.#get(door, "tid") !== tid) continue;
      this.#set(door, "tid", 0);
      this.#set(door, "heldSince", 0);
      this.#set(door, "renews", 0);
      if (this.#waiting.has(nodeOf(door))) freed.push(door);
    }
    return freed;
  }

  #get(door: number, name: keyof typeof field): number {
    return this.#doors[door * FIELDS + field[name]] as number;
  }

  #set(door: number, name: keyof typeof field, value: number): void {
    this.#doors[door * FIELDS + field[name]] = value;
  }
}

/** The door that a waiting request stands at, by the node id it is kept under; undefined for that of a file. */
export function doorOf({ high, low }: NodeId): number | undefined {
  return high === DOOR_HIGH ? low : undefined;
}

export function nodeOf(door: number): NodeId {
  return { high: DOOR_HIGH, low: door };
}
