// Files that somebody waits for: each is looked after until it has turned.

import type { NodeId } from "../vfs/node-id.ts";

export const LOOK_INTERVAL_MILLIS = 1;

export class LookedAfter {
  readonly #names = new Set<string>();
  readonly #isOverdue: (node: NodeId) => boolean;

  /** `isOverdue` has the file turn where it can, and says whether somebody waits on. */
  constructor(isOverdue: (node: NodeId) => boolean) {
    this.#isOverdue = isOverdue;
  }

  get size(): number {
    return this.#names.size;
  }

  add(node: NodeId): void {
    const name = `${node.high} ${node.low}`;
    if (this.#names.has(name)) return;
    this.#names.add(name);
    const look = (): void => {
      if (this.#isOverdue(node)) setTimeout(look, LOOK_INTERVAL_MILLIS);
      else this.#names.delete(name);
    };
    look();
  }
}
