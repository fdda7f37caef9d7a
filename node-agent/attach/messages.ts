// What is asked of the process that enters containers, and what it answers: plain data.

import type { Outcome } from "./outcomes.ts";
import type { Placement, Served } from "./placement.ts";
import type { Wishes } from "./plan.ts";
import type { State } from "./states.ts";

/** A process that stands for its mount namespace. */
export interface Subject {
  pid: number;
  /** Tells it from a later process of the same number. */
  startTicks: number;
  /** The number of its mount namespace. */
  namespace: number;
}

export interface VisitRequest {
  subject: Subject;
  wishes: Wishes;
  served: Served;
  /** Where the tree is served, as the home namespace has it. */
  mountRoot: string;
  /** Where the home namespace has the host's procfs. */
  procfs: string;
  /** By path of the tree, the cgroup's own file that stands for it. */
  pressureFiles: Readonly<Record<string, string>>;
  sharedWithHost: readonly number[];
}

export interface PlaceResult extends Placement {
  state: State;
  outcome?: Outcome;
  /** The error behind it. */
  reason?: string;
}

export interface VisitAnswer {
  places: readonly PlaceResult[];
  /** Set where the visit failed as a whole. */
  outcome?: Outcome;
  reason?: string;
}
