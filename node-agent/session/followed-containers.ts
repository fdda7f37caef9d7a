// The containers whose load is sampled and whose limits are watched: those that readers were met of, and all others that
// live, for their load begins with them.

import type { Container } from "../container/container.ts";
import type { Containers } from "../container/containers.ts";
import type { LimitsEpochs } from "../render/limits-epochs.ts";
import type { LoadSampler } from "../sampler/load-sampler.ts";
import type { LimitWatch } from "./limit-watch.ts";

interface Followers {
  containers: Containers;
  limits: LimitWatch;
  epochs: LimitsEpochs;
  sampler: LoadSampler;
}

export class FollowedContainers {
  readonly #followers: Followers;
  #keys = new Set<number>();

  constructor(followers: Followers) {
    this.#followers = followers;
  }

  get keys(): ReadonlySet<number> {
    return this.#keys;
  }

  follow(container: Container): void {
    const { limits, epochs } = this.#followers;
    this.#keys.add(container.key);
    if (limits.add(container)) epochs.watches(container.key);
  }

  /** All that live now, and none besides. */
  followAll(): readonly Container[] {
    const { containers, limits, epochs, sampler } = this.#followers;
    const living = containers.all();
    this.#keys = new Set();
    for (const container of living) this.follow(container);
    epochs.keep(this.#keys);
    limits.keep(this.#keys);
    sampler.keep(this.#keys);
    return living;
  }
}
