// The polls that are going on: one at most for each container, forgotten 10 ms after it began. In a ring, not a Map: what
// a Map had before it grew or shrank stays reachable from its old tables, and so outlives two collections of young garbage
// and fills the old space.

import type { Gathering } from "./gathering.ts";

/** Files of one container that are rendered within that time are of one poll. */
const POLL_MILLIS = 10;
/** More containers than that are not in the middle of one: the first to begin starts over. */
const MAX_POLLS = 16;

export class Polls {
  readonly #ring: (Gathering | undefined)[] = Array(MAX_POLLS).fill(undefined);
  #next = 0;

  /** What was gathered for a container's present poll. Forgets, at once, all that are over. */
  of(key: number, now: number): Gathering | undefined {
    let found: Gathering | undefined;
    for (let at = 0; at < MAX_POLLS; at += 1) {
      const poll = this.#ring[at];
      if (poll === undefined) continue;
      if (now - poll.startedAt >= POLL_MILLIS) this.#ring[at] = undefined;
      else if (poll.container.key === key) found = poll;
    }
    return found;
  }

  /** Instead of the container's poll before. */
  add(poll: Gathering): void {
    this.forget(poll.container.key);
    this.#ring[this.#next] = poll;
    this.#next = (this.#next + 1) % MAX_POLLS;
  }

  forget(key: number): void {
    for (let at = 0; at < MAX_POLLS; at += 1) {
      if (this.#ring[at]?.container.key === key) this.#ring[at] = undefined;
    }
  }
}
