// Generations: the one rendering of a file that all its readers see until it is too old. Shared by all workers, and kept
// in a memory file that outlives the process: a successor answers a READ with the bytes whose size the kernel was told.

import { Locks } from "../shared-memory/locks.ts";
import { Barriers } from "./barriers.ts";
import type { Answer, Asker, Source } from "./generation.ts";
import type { NodeId } from "./node-id.ts";
import { Readers } from "./readers.ts";
import { type SharedGenerations, stampNew } from "./shared-generations.ts";
import { fitting, HELD_VALID, SLOTS, Slots } from "./slots.ts";
import { decideTurn, type Moment, mayStorePages, mustDropPages, type Turn } from "./turn.ts";
import { Waiting, type WaitingRequest } from "./waiting.ts";

const NOBODY: readonly WaitingRequest[] = [];

export class Generations {
  readonly barriers: Barriers;
  readonly #locks: Locks;
  readonly #slots: Slots;
  readonly #readers: Readers;
  readonly #waiting: Waiting;
  readonly #counter: Int32Array;
  readonly #mayDropPages: boolean;
  readonly #now: () => number;

  /** `mayDropPages`: no READ depends on this thread. `now` tells milliseconds of a clock that all who share agree on. */
  constructor(shared: SharedGenerations, stateFd: number, mayDropPages: boolean, now: () => number = monotonicMillis) {
    this.#mayDropPages = mayDropPages;
    this.#now = now;
    this.#locks = new Locks(shared.locks);
    this.#slots = new Slots(shared.headers, stateFd);
    this.#readers = new Readers(shared.readers);
    this.#waiting = new Waiting(shared.waiting);
    this.#counter = new Int32Array(shared.counter);
    this.barriers = new Barriers(shared.barriers);
  }

  /** What someone who asks for attributes is told: the present generation, a new one, or nothing yet (see turn.ts). */
  ask(node: NodeId, asker: Asker, source: Source): Answer {
    const set = this.#slots.setOf(node);
    return this.#locks.holding(set, () => {
      const now = this.#now();
      const slot = this.#slots.find(set, node);
      if (slot === undefined) return this.#first(this.#take(set, node), node, asker.tid, source);
      const moment = this.#moment(slot, asker.tid, now);
      const turn = decideTurn(asker.contact, moment, this.#slots.maxAge(slot, source.maxAgeMillis), {
        askerInPass: () => this.#readers.isInPass(slot, asker.tid, now, moment.unseenUntil),
        othersInPass: () => {
          this.#readers.left(slot, asker.tid);
          return this.#readers.anyInPass(slot, now, moment.unseenUntil, source.isReading);
        },
      });
      return this.#act[turn](slot, node, asker, source, moment);
    });
  }

  readonly #act: Record<Turn, (slot: number, node: NodeId, asker: Asker, source: Source, moment: Moment) => Answer> = {
    keep: (slot, _node, { contact, tid }, { maxAgeMillis }) => {
      if (contact === "read" && this.#slots.word(slot, "openerTid") === tid) this.#slots.setWord(slot, "openerTid", 0);
      return this.#told(slot, tid, contact === "open", maxAgeMillis, NOBODY);
    },
    wait: (slot, node, asker, source, moment) => {
      const { request, tid } = asker;
      if (request === undefined || !this.#waiting.add(node, { ...request, tid }))
        return this.#act.keep(slot, node, asker, source, moment);
      const firstToWait = moment.waitingSince === 0 && !moment.turning;
      if (firstToWait) this.#slots.setDouble(slot, "waitingSince", moment.now);
      return { generation: undefined, released: NOBODY, firstToWait, turning: undefined };
    },
    renew: (slot, node, asker, source, moment) => {
      const content = this.#newContent(slot, source);
      if (content === undefined) return this.#renewed(slot, node, asker.tid, source);
      const drop = mustDropPages(moment, this.#readers.anyOther(slot, asker.tid, moment.now));
      if (drop && !this.#mayDropPages) {
        this.#slots.setDouble(slot, "renderedAt", moment.renderedAt);
        return this.#act.wait(slot, node, asker, source, moment);
      }
      if (source.limitsSettled) this.#slots.settle(slot);
      const inPlace = !drop && mayStorePages(moment) && content.length === this.#slots.word(slot, "sizeBytes");
      if (!inPlace) stampNew(this.#slots, slot, this.#counter);
      this.#slots.store(slot, content);
      if (!inPlace && !drop) return this.#renewed(slot, node, asker.tid, source);
      this.#slots.setWord(slot, "openerTid", asker.tid);
      this.#slots.setWord(slot, "turning", 1);
      const turning = drop ? "drop" : content;
      return { generation: undefined, released: NOBODY, firstToWait: false, turning };
    },
    force: (slot, node, asker, source, moment) => {
      if (!this.#mayDropPages) return this.#act.wait(slot, node, asker, source, moment);
      source.forced();
      return this.#act.renew(slot, node, asker, source, moment);
    },
  };

  /** Answers those who wait for a file if they have waited enough; undefined: not yet, or nobody waits. */
  overdue(node: NodeId, source: Source): Answer | "not yet" | "nobody waits" {
    const set = this.#slots.setOf(node);
    return this.#locks.holding(set, () => {
      const slot = this.#slots.find(set, node);
      if (slot === undefined) return this.#first(this.#take(set, node), node, 0, source);
      const moment = this.#moment(slot, 0, this.#now());
      if (moment.waitingSince === 0) return "nobody waits";
      if (moment.owned) return this.#release(slot, node, 0, source);
      const turn = decideTurn("open", moment, 0, {
        askerInPass: () => false,
        othersInPass: () => this.#readers.anyInPass(slot, moment.now, moment.unseenUntil, source.isReading),
      });
      if (turn === "keep" || turn === "wait") return "not yet";
      return this.#act[turn](slot, node, { contact: "open", tid: 0 }, source, moment);
    });
  }

  /**
   * The kernel has the new content in its pages, if it was `stored`, or has dropped them: everyone who waited hears of it.
   */
  turned(node: NodeId, source: Source, stored: boolean): Answer {
    const set = this.#slots.setOf(node);
    return this.#locks.holding(set, () => {
      const slot = this.#slots.find(set, node);
      if (slot === undefined) return this.#first(this.#take(set, node), node, 0, source);
      this.#slots.setWord(slot, "turning", 0);
      if (!stored) stampNew(this.#slots, slot, this.#counter);
      return this.#release(slot, node, this.#slots.word(slot, "openerTid"), source);
    });
  }

  /**
   * Makes the present generations of some files old: whoever opens one next gets a new one. Returns those whose attributes
   * the kernel may hold to be valid: have it drop them, and say so. They turn once the next barrier is passed.
   */
  expire(isMeant: (node: NodeId) => boolean): NodeId[] {
    const expired: NodeId[] = [];
    for (let slot = 0; slot < SLOTS; slot += 1) {
      if (this.#slots.word(slot, "low") === 0) continue;
      const node = this.#slots.nodeOf(slot);
      if (!isMeant(node)) continue;
      this.#locks.holding(this.#slots.setOf(node), () => {
        if (this.#slots.word(slot, "low") !== node.low) return;
        this.#slots.setDouble(slot, "renderedAt", 0);
        if (this.#slots.word(slot, "barrier") !== HELD_VALID) return;
        this.#slots.setWord(slot, "barrier", this.barriers.next);
        expired.push(node);
      });
    }
    return expired;
  }

  /** The kernel has dropped their attributes: from now on everybody is seen. */
  dropped(nodes: readonly NodeId[]): void {
    const now = this.#now();
    for (const node of nodes) {
      const set = this.#slots.setOf(node);
      this.#locks.holding(set, () => {
        const slot = this.#slots.find(set, node);
        if (slot === undefined) return;
        this.#slots.setDouble(slot, "unseenUntil", Math.min(this.#slots.double(slot, "unseenUntil"), now));
      });
    }
  }

  /** Files of which there is a generation. */
  *nodes(): Iterable<NodeId> {
    for (let slot = 0; slot < SLOTS; slot += 1) if (this.#slots.word(slot, "low") !== 0) yield this.#slots.nodeOf(slot);
  }

  /** Copies bytes of the present generation; undefined where none is kept. */
  read(node: NodeId, tid: number, offset: number, size: number, target: Buffer): number | undefined {
    const set = this.#slots.setOf(node);
    return this.#locks.holding(set, () => {
      const slot = this.#slots.find(set, node);
      if (slot === undefined) return undefined;
      this.#readers.saw(slot, tid, this.#now(), false);
      return this.#slots.read(slot, offset, size, target);
    });
  }

  #moment(slot: number, tid: number, now: number): Moment {
    return {
      now,
      renderedAt: this.#slots.double(slot, "renderedAt"),
      unseenUntil: this.#slots.double(slot, "unseenUntil"),
      waitingSince: this.#slots.double(slot, "waitingSince"),
      turning: this.#slots.word(slot, "turning") === 1,
      owned: this.#slots.word(slot, "owner") !== 0,
      overtaken: this.#isOvertaken(slot),
      renderedForAsker: tid !== 0 && this.#slots.word(slot, "openerTid") === tid,
    };
  }

  #isOvertaken(slot: number): boolean {
    const barrier = this.#slots.word(slot, "barrier");
    return barrier !== HELD_VALID && !this.barriers.hasPassed(barrier);
  }

  /** Makes room for a file in its set. */
  #take(set: number, node: NodeId): number {
    const slot = this.#slots.claim(set, node);
    this.#readers.clear(slot);
    return slot;
  }

  /** A file that nobody has been told of yet. */
  #first(slot: number, node: NodeId, tid: number, source: Source): Answer {
    this.#renderFirst(slot, source);
    return this.#renewed(slot, node, tid, source);
  }

  #renewed(slot: number, node: NodeId, openerTid: number, source: Source): Answer {
    this.#slots.setWord(slot, "openerTid", openerTid);
    return this.#release(slot, node, openerTid, source);
  }

  #release(slot: number, node: NodeId, tid: number, source: Source): Answer {
    this.#slots.setDouble(slot, "waitingSince", 0);
    const released = this.#waiting.take(node);
    const now = this.#now();
    for (const request of released) this.#readers.saw(slot, request.tid, now, true);
    return this.#told(slot, tid, true, source.maxAgeMillis, released);
  }

  /** What is to be shown from now on; undefined where that is what there is, also because the rendering failed. */
  #newContent(slot: number, source: Source): Buffer | undefined {
    this.#slots.setDouble(slot, "renderedAt", this.#now());
    try {
      const content = fitting(source.render());
      if (!this.#slots.holds(slot, content)) return content;
      if (source.limitsSettled && this.#slots.settle(slot)) this.#slots.storeHeader(slot);
      return undefined;
    } catch (error) {
      source.failed(error, "last good");
      return undefined;
    }
  }

  /** Never an empty file: where the rendering fails, the fallback is shown. */
  #renderFirst(slot: number, source: Source): void {
    this.#slots.setDouble(slot, "renderedAt", this.#now());
    stampNew(this.#slots, slot, this.#counter);
    try {
      const content = fitting(source.render());
      if (source.limitsSettled) this.#slots.settle(slot);
      this.#slots.store(slot, content);
    } catch (error) {
      source.failed(error, "fallback");
      this.#storeFallback(slot, source);
    }
  }

  #storeFallback(slot: number, source: Source): void {
    try {
      this.#slots.store(slot, fitting(source.fallback()));
    } catch (error) {
      this.#slots.setWord(slot, "low", 0);
      throw error;
    }
  }

  /** Tells an asker of the present generation, who reads it from now on. */
  #told(slot: number, tid: number, begins: boolean, maxAgeMillis: number, released: readonly WaitingRequest[]): Answer {
    const now = this.#now();
    const freshMillis = this.#slots.maxAge(slot, maxAgeMillis);
    const validMillis = Math.max(0, this.#slots.double(slot, "renderedAt") + freshMillis - now);
    if (validMillis > 0) {
      const unseenUntil = Math.max(this.#slots.double(slot, "unseenUntil"), now + validMillis);
      this.#slots.setDouble(slot, "unseenUntil", unseenUntil);
      this.#slots.setWord(slot, "barrier", HELD_VALID);
    }
    this.#slots.setToldOpenersAlone(slot, false);
    if (tid !== 0) this.#readers.saw(slot, tid, now, begins);
    const [sizeBytes, generation] = [this.#slots.word(slot, "sizeBytes"), this.#slots.word(slot, "generation")];
    const told = { sizeBytes, mtimeMillis: this.#slots.double(slot, "mtimeMillis"), generation, validMillis };
    return { generation: told, released, firstToWait: false, turning: undefined };
  }
}

/** Milliseconds of CLOCK_MONOTONIC: the same in every thread and for a successor. */
export function monotonicMillis(): number {
  const [seconds, nanos] = process.hrtime();
  return seconds * 1000 + nanos / 1e6;
}
