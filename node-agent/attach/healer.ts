// Keeps the files of all containers as they should be: goes round when mounts have changed, when somebody asks, and now
// and then in any case.

import type { Containers } from "../container/containers.ts";
import { findContainers } from "./find-containers.ts";
import type { Outcome } from "./outcomes.ts";
import { type ContainerReport, goRound, type Surroundings, type Wanted } from "./round.ts";
import { MountWatch } from "./watch-mounts.ts";

/** Catches what no watch tells: a container may change its mounts as it likes. */
const SWEEP_MILLIS = 30_000;
/** A container that starts mounts a dozen things: the round waits for so long from the first. */
const SETTLE_MILLIS = 200;
/** Where mounts change all the time, rounds begin no more often than that. */
const REST_MILLIS = 1000;

export interface HealerOptions extends Surroundings {
  containers: Containers;
  wanted: Wanted;
  observer: HealerObserver;
  sweepMillis?: number;
}

export interface HealerObserver {
  /** A round is over; `reports` has every container that has or should have files of ours. */
  wentRound(reports: readonly ContainerReport[], millis: number): void;
  /** The round could not be made. */
  failed(error: unknown): void;
}

export class Healer {
  readonly #options: HealerOptions;
  readonly #counts = new Map<Outcome, number>();
  #watch: MountWatch | undefined;
  #timer: NodeJS.Timeout | undefined;
  #dueAt = Number.POSITIVE_INFINITY;
  #begunAt = Number.NEGATIVE_INFINITY;
  #running: Promise<void> | undefined;
  #again: Promise<void> | undefined;
  #stopped = false;

  constructor(options: HealerOptions) {
    this.#options = options;
  }

  /** How often each came out, of files, and of visits that failed as a whole. Only ever grows. */
  get counts(): ReadonlyMap<Outcome, number> {
    return this.#counts;
  }

  /** Goes round once, and from then on whenever it may be needed. */
  async start(): Promise<void> {
    const { files, homePid } = this.#options;
    this.#watch = new MountWatch(files.resolve(`proc/${homePid}/mountinfo`), () => this.#soon(this.#restMillis()));
    await this.heal();
  }

  /** A round that begins after this call; those who ask while one is under way share the next. */
  heal(): Promise<void> {
    if (this.#running === undefined) {
      this.#running = this.#round().finally(() => {
        this.#running = undefined;
      });
      return this.#running;
    }
    this.#again ??= this.#running.then(() => {
      this.#again = undefined;
      return this.heal();
    });
    return this.#again;
  }

  /** No round begins any more; resolves when the one under way is over. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.#watch?.stop();
    await this.#running;
    this.#options.attacher.close();
  }

  async #round(): Promise<void> {
    const { files, containers, observer } = this.#options;
    const begin = performance.now();
    this.#begunAt = begin;
    try {
      if (this.#stopped) return;
      clearTimeout(this.#timer);
      this.#dueAt = Number.POSITIVE_INFINITY;
      const found = findContainers(files, containers);
      const reports = await goRound(this.#options, found, this.#options);
      this.#count(reports);
      observer.wentRound(reports, performance.now() - begin);
    } catch (error) {
      observer.failed(error);
    }
    this.#soon(this.#options.sweepMillis ?? SWEEP_MILLIS);
  }

  /** Within that time; what is due sooner stays. */
  #soon(millis: number): void {
    const dueAt = performance.now() + millis;
    if (this.#stopped || dueAt >= this.#dueAt) return;
    clearTimeout(this.#timer);
    this.#dueAt = dueAt;
    this.#timer = setTimeout(() => void this.heal(), millis).unref();
  }

  #restMillis(): number {
    return Math.max(SETTLE_MILLIS, this.#begunAt + REST_MILLIS - performance.now());
  }

  #count(reports: readonly ContainerReport[]): void {
    for (const { outcome, places } of reports) {
      for (const one of [outcome, ...places.map((place) => place.outcome)]) {
        if (one !== undefined) this.#counts.set(one, (this.#counts.get(one) ?? 0) + 1);
      }
    }
  }
}
