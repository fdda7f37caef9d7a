// The inputs of one poll of a container: each read once, so that what is derived from another is derived from the same
// reading, and files that are read one after the other agree.

import type { Container } from "../container/container.ts";
import type { Inputs } from "../view/registry.ts";

/** Told by whoever renders, for each file anew. */
export type Given = "shownSeconds" | "hostText" | "pressure";
export type Gathered = Exclude<keyof Inputs, Given>;
export type Loaders = { readonly [Name in Gathered]: (inputs: Gathering) => Inputs[Name] };

export class Gathering {
  readonly container: Container;
  readonly startedAt: number;
  /** How old what is known of the host and of limits may be; 0: everything is read now. */
  readonly maxAgeMillis: number;
  readonly inputs: Partial<Inputs> = {};
  readonly #loaders: Loaders;

  constructor(loaders: Loaders, container: Container, startedAt: number, maxAgeMillis: number) {
    this.#loaders = loaders;
    this.container = container;
    this.startedAt = startedAt;
    this.maxAgeMillis = maxAgeMillis;
  }

  get<Name extends Gathered>(name: Name): Inputs[Name] {
    if (!(name in this.inputs)) this.inputs[name] = this.#loaders[name](this);
    return this.inputs[name] as Inputs[Name];
  }
}
