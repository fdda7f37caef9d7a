// Files that are rendered when they are opened (--freshness 0, docs/adr/0016): each open file is one rendering, whatever
// its reader does in between. The first to open a file owns its pages in the kernel: the rendering is put there before
// the open is answered, and reading costs no request. Who opens it meanwhile reads a rendering of its own, past the cache.

import type { FileHandle } from "../fuse/reply.ts";
import { Locks } from "../shared-memory/locks.ts";
import type { Generation, Source } from "./generation.ts";
import { monotonicMillis } from "./generations.ts";
import { Handles, highestHandle, shareHandles } from "./handles.ts";
import type { NodeId } from "./node-id.ts";
import { type SharedGenerations, stampNew } from "./shared-generations.ts";
import { fitting, Slots } from "./slots.ts";

/** `place` 0: it owns the pages; else one more than the place of a rendering of its own. */
export type Handle = FileHandle;

/** What a READ asks for. */
export interface Wish {
  handle: Handle;
  offset: number;
  size: number;
}

export interface Opening {
  handle: Handle;
  /** Whether the kernel's pages are right as they are, are to be dropped, or do not matter. */
  pages: "right" | "dropped" | "passed by";
}

/** What opening a file does to the kernel's cache. */
export interface PageCache {
  /** Puts a content there; false where it cannot be done now. */
  storePages(node: NodeId, content: Buffer): boolean;
  /** The kernel is to ask for that file's attributes before anyone reads on. */
  dropAttributes(node: NodeId): void;
}

type Content = Pick<Source, "render" | "fallback" | "failed">;

/** For how long the kernel knows size and time: whoever opens a file again within that time is not asked about them. */
const VALID_MILLIS = 100;
/**
 * The kernel sends a RELEASE before the next OPEN of the same thread, but the worker that read it may be the slower one. So
 * long the owner's thread waits for it, and else reads past the cache.
 */
const RELEASE_MILLIS = 0.1;
/** Who reads again after so long has rewound: top(1) keeps its files open. Owners left by a predecessor count so long. */
const PASS_MILLIS = 500;

export interface SharedOpenedFiles {
  /** Each open file is one rendering; else OPEN is refused, once and for all. */
  rendersAtOpen: boolean;
  /** Threads that open and release. */
  workers: number;
  generations: SharedGenerations;
  handles: SharedArrayBuffer;
  /** Handles given out, handles given out by predecessors, and whether the kernel asks before it opens. */
  words: SharedArrayBuffer;
  /** A double: when the first request came; 0 until then. */
  servesSince: SharedArrayBuffer;
}

const word = { lastId: 0, inherited: 1, asked: 2 } as const;

/** Makes the shared part, with what a predecessor left in the state file. */
export function shareOpenedFiles(
  generations: SharedGenerations,
  stateFd: number,
  rendersAtOpen: boolean,
  workers: number,
): SharedOpenedFiles {
  const handles = shareHandles(stateFd);
  const words = new SharedArrayBuffer(3 * Int32Array.BYTES_PER_ELEMENT);
  const inherited = Math.max(highestHandle(handles), new Slots(generations.headers, stateFd).highest("owner"));
  new Int32Array(words).set([inherited, inherited]);
  const servesSince = new SharedArrayBuffer(Float64Array.BYTES_PER_ELEMENT);
  return { rendersAtOpen, workers, generations, handles, words, servesSince };
}

export class OpenedFiles {
  readonly rendersAtOpen: boolean;
  readonly #workers: number;
  readonly #locks: Locks;
  readonly #slots: Slots;
  readonly #handles: Handles;
  readonly #words: Int32Array;
  readonly #counter: Int32Array;
  readonly #cache: PageCache;
  readonly #now: () => number;
  readonly #servesSince: Float64Array;

  constructor(
    { rendersAtOpen, workers, generations, handles, words, servesSince }: SharedOpenedFiles,
    stateFd: number,
    cache: PageCache,
    now: () => number = monotonicMillis,
  ) {
    this.rendersAtOpen = rendersAtOpen;
    this.#workers = workers;
    this.#locks = new Locks(generations.locks);
    this.#slots = new Slots(generations.headers, stateFd);
    this.#handles = new Handles(handles, stateFd);
    this.#words = new Int32Array(words);
    this.#counter = new Int32Array(generations.counter);
    this.#servesSince = new Float64Array(servesSince);
    this.#cache = cache;
    this.#now = now;
  }

  /** Whether the kernel asks before it opens a file. One that was told not to, by whoever served before, never will. */
  get areAsked(): boolean {
    return Atomics.load(this.#words, word.asked) !== 0;
  }

  /** Renders a file for the thread that opens it. */
  open(node: NodeId, tid: number, content: Content): Opening {
    Atomics.store(this.#words, word.asked, 1);
    const id = Atomics.add(this.#words, word.lastId, 1) + 1;
    const owns = this.#own(node, id, tid) || (this.#leaves(node, tid) && this.#own(node, id, tid));
    if (owns) {
      const pages = this.#renderPages(node, id, content);
      if (pages !== undefined) return { handle: { id, place: 0 }, pages };
    }
    const place = this.#handles.take(id);
    this.#handles.store(place, render(content), false);
    return { handle: { id, place: place + 1 }, pages: "passed by" };
  }

  release(node: NodeId, { id, place }: Handle): void {
    if (place > 0) this.#handles.free(place - 1, id);
    else this.#releasePages(node, id);
  }

  /** Not written to the state file: a successor believes owners that it did not make for a moment only. */
  #releasePages(node: NodeId, id: number): void {
    this.#inSlot(node, (slot) => {
      if (this.#slots.word(slot, "owner") === id) this.#slots.setWord(slot, "owner", 0);
    });
  }

  /** Copies bytes of a handle's rendering, a new one where it is read from the start again; undefined where it is lost. */
  read(node: NodeId, { handle, offset, size }: Wish, target: Buffer, content: Content): number | undefined {
    const { id, place } = handle;
    if (place === 0) {
      return this.#inSlot(node, (slot) =>
        this.#slots.word(slot, "owner") === id ? this.#slots.read(slot, offset, size, target) : undefined,
      );
    }
    const at = place - 1;
    if (!this.#handles.has(at, id)) return undefined;
    if (offset === 0 && this.#handles.begins(at)) this.#handles.store(at, render(content), true);
    return this.#handles.read(at, offset, size, target);
  }

  /**
   * What the kernel is told of a file: the state of its pages; undefined where they have no owner and the kernel does not
   * ask before it opens. `handle` is that of the one who reads on: an owner who comes back late gets a new rendering.
   */
  attributes(node: NodeId, handle: Handle | undefined, content: Content): Generation | undefined {
    if (!this.areAsked && this.#words[word.inherited] === 0) return undefined;
    return this.#inSlot(node, (slot) => {
      if (!this.areAsked && !this.#isOwned(slot)) {
        // It was a predecessor's: the file may turn again.
        this.#slots.setWord(slot, "owner", 0);
        return undefined;
      }
      const isOwner = handle !== undefined && handle.place === 0 && this.#slots.word(slot, "owner") === handle.id;
      if (isOwner && this.#servedMillis(this.#slots.double(slot, "renderedAt")) >= PASS_MILLIS)
        this.#renew(slot, content);
      return {
        sizeBytes: this.#slots.word(slot, "sizeBytes"),
        mtimeMillis: this.#slots.double(slot, "mtimeMillis"),
        generation: this.#slots.word(slot, "generation"),
        validMillis: VALID_MILLIS,
      };
    });
  }

  /** Makes a handle the owner of a file's pages, unless they have one, or none know them. */
  #own(node: NodeId, id: number, tid: number): boolean {
    const owns = this.#inSlot(node, (slot) => {
      if (this.#isOwned(slot) || this.#slots.word(slot, "turning") === 1) return false;
      this.#slots.setWord(slot, "owner", id);
      this.#slots.setWord(slot, "openerTid", tid);
      return true;
    });
    return owns ?? false;
  }

  /** Whether a file's owner, if that is the same thread, is just being released: by another worker, for this one waits. */
  #leaves(node: NodeId, tid: number): boolean {
    if (this.#workers < 2) return false;
    const slot = this.#inSlot(node, (owned) => (this.#slots.word(owned, "openerTid") === tid ? owned : undefined));
    if (slot === undefined) return false;
    const until = monotonicMillis() + RELEASE_MILLIS;
    while (this.#slots.word(slot, "owner") !== 0) if (monotonicMillis() >= until) return false;
    return true;
  }

  #isOwned(slot: number): boolean {
    const owner = this.#slots.word(slot, "owner");
    if (owner === 0) return false;
    return owner > (this.#words[word.inherited] as number) || this.#servedMillis(0) < PASS_MILLIS;
  }

  /** For how long readers could get on since then: not while nobody served. */
  #servedMillis(since: number): number {
    return this.#now() - Math.max(since, this.#servesSince[0] as number);
  }

  /** Undefined where the owner lost them meanwhile. */
  #renderPages(node: NodeId, id: number, { render, failed }: Content): Opening["pages"] | undefined {
    let content: Buffer;
    try {
      content = fitting(render());
    } catch (error) {
      failed(error, "last good");
      return "right";
    }
    const change = this.#inSlot(node, (slot) => {
      if (this.#slots.word(slot, "owner") !== id) return undefined;
      // Of what else was told, answers may be on their way: with a file's size from before.
      const isKnown = this.#slots.hasToldOpenersAlone(slot);
      if (isKnown && this.#slots.holds(slot, content)) {
        this.#slots.setDouble(slot, "renderedAt", this.#now());
        return "same";
      }
      const before = this.#slots.word(slot, "sizeBytes");
      const mayStore = isKnown && content.length >= before;
      // With a new time the kernel would drop the pages, which are put in place of the old ones.
      if (!mayStore) stampNew(this.#slots, slot, this.#counter);
      this.#slots.setToldOpenersAlone(slot, true);
      this.#slots.setDouble(slot, "renderedAt", this.#now());
      this.#slots.store(slot, content);
      return { mayStore, keepsAttributes: isKnown && content.length === before };
    });
    if (change === undefined) return undefined;
    if (change === "same") return "right";
    // Not under the lock: who holds a page may wait for a READ that waits for the lock.
    if (change.mayStore && this.#cache.storePages(node, content)) return "right";
    if (!change.keepsAttributes) this.#cache.dropAttributes(node);
    return "dropped";
  }

  #renew(slot: number, { render, failed }: Content): void {
    try {
      const content = fitting(render());
      stampNew(this.#slots, slot, this.#counter);
      this.#slots.store(slot, content);
    } catch (error) {
      failed(error, "last good");
    }
    this.#slots.setDouble(slot, "renderedAt", this.#now());
  }

  #inSlot<Result>(node: NodeId, work: (slot: number) => Result): Result | undefined {
    if (this.#servesSince[0] === 0) this.#servesSince[0] = this.#now();
    const set = this.#slots.setOf(node);
    return this.#locks.holding(set, () => {
      const slot = this.#slots.find(set, node);
      return slot === undefined ? undefined : work(slot);
    });
  }
}

function render(content: Content): Buffer {
  try {
    return fitting(content.render());
  } catch (error) {
    content.failed(error, "fallback");
    return fitting(content.fallback());
  }
}
