// The inputs of one poll of a container: each read once, so that what is derived from another is derived from the same
// reading, and files that are read one after the other agree.

import type { Container } from "../container/container.ts";
import type { Inputs } from "../view/registry.ts";

/** Told by whoever renders, for each file anew. */
export type Given = "shownSeconds" | "hostText" | "pressure";
export type Gathered = Exclude<keyof Inputs, Given>;
export type Loaders = { readonly [Name in Gathered]: (inputs: Gathering) => Inputs[Name] };

/** Of when its inputs are. */
export interface GatheringAge {
  startedAt: number;
  /** What was read before limits changed again is not of the same poll. */
  limitsEpoch: number;
  /** How old what is known of the host may be. */
  hostMaxAgeMillis: number;
  /** What is known of limits does not count: they are read now. */
  fresh: boolean;
}

export class Gathering implements GatheringAge {
  readonly container: Container;
  readonly startedAt: number;
  readonly limitsEpoch: number;
  readonly hostMaxAgeMillis: number;
  readonly fresh: boolean;
  readonly inputs: Partial<Inputs> = {};
  readonly #loaders: Loaders;

  constructor(loaders: Loaders, container: Container, age: GatheringAge) {
    this.#loaders = loaders;
    this.container = container;
    this.startedAt = age.startedAt;
    this.limitsEpoch = age.limitsEpoch;
    this.hostMaxAgeMillis = age.hostMaxAgeMillis;
    this.fresh = age.fresh;
  }

  get<Name extends Gathered>(name: Name): Inputs[Name] {
    if (!(name in this.inputs)) this.inputs[name] = this.#loaders[name](this);
    return this.inputs[name] as Inputs[Name];
  }
}
