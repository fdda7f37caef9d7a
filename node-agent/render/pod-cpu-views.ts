// How pods want their CPUs counted that want it otherwise than this installation: a table that all threads of a server
// share, since workers hear of nothing while they wait for the kernel. One thread writes it.

import { CPU_VIEWS, type CpuView } from "../../contract/cpu-views.ts";

/** By uid of the pod. */
export type PodCpuView = readonly [uid: string, view: CpuView];

/** More pods than a kubelet runs. */
const MAX_PODS = 1024;
const UID_WORDS = 4;
const ROW_WORDS = UID_WORDS + 1;
/** Before the rows: a version, odd while they are written, and their number. */
const VERSION = 0;
const COUNT = 1;
const HEADER_WORDS = 2;

export function sharePodCpuViews(views: readonly PodCpuView[]): SharedArrayBuffer {
  const shared = new SharedArrayBuffer((HEADER_WORDS + MAX_PODS * ROW_WORDS) * Int32Array.BYTES_PER_ELEMENT);
  new PodCpuViews(shared).set(views);
  return shared;
}

export class PodCpuViews {
  readonly #words: Int32Array;

  constructor(shared: SharedArrayBuffer) {
    this.#words = new Int32Array(shared);
  }

  /** Replaces all of them. What is over MAX_PODS is not taken. */
  set(views: readonly PodCpuView[]): void {
    const taken = views.slice(0, MAX_PODS);
    Atomics.add(this.#words, VERSION, 1);
    for (const [row, [uid, view]] of taken.entries()) {
      this.#words.set([...wordsOf(uid), CPU_VIEWS.indexOf(view)], HEADER_WORDS + row * ROW_WORDS);
    }
    Atomics.store(this.#words, COUNT, taken.length);
    Atomics.add(this.#words, VERSION, 1);
  }

  /** Undefined where a pod is as all others. */
  of(uid: string): CpuView | undefined {
    for (;;) {
      const version = Atomics.load(this.#words, VERSION);
      const view = version % 2 === 0 ? this.#find(uid) : undefined;
      if (version % 2 === 0 && Atomics.load(this.#words, VERSION) === version) return view;
    }
  }

  #find(uid: string): CpuView | undefined {
    const count = Atomics.load(this.#words, COUNT);
    if (count === 0) return undefined;
    const wanted = wordsOf(uid);
    for (let row = 0; row < count; row += 1) {
      const at = HEADER_WORDS + row * ROW_WORDS;
      if (wanted.every((word, index) => this.#words[at + index] === word)) {
        return CPU_VIEWS[this.#words[at + UID_WORDS] as number];
      }
    }
    return undefined;
  }
}

/** The 128 bits of a UUID. */
function wordsOf(uid: string): number[] {
  const hex = uid.replaceAll("-", "");
  return Array.from({ length: UID_WORDS }, (_, word) => Number.parseInt(hex.slice(word * 8, word * 8 + 8), 16) | 0);
}
