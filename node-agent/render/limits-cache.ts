// The limits of containers, which change seldom: read again when somebody wrote to a limit (session/limit-watch.ts), when
// CPUs come or go, and now and then, because a neighbour's cpuset takes CPUs away without anyone writing here.

import type { Container } from "../container/container.ts";
import { type ContainerCpuLimits, readCpuLimits } from "../container/read-cpu.ts";
import { readAllowedDevices } from "../container/read-io.ts";
import { type MemoryLimits, readMemoryLimits } from "../container/read-memory-limits.ts";
import type { HostFiles } from "../host/host-files.ts";

/** Also the longest that a change nobody saw stays unseen. */
const MAX_AGE_MILLIS = 5000;
const MAX_UNWATCHED_AGE_MILLIS = 1000;
const MAX_CONTAINERS = 1024;
/** What the epoch is where changes of limits cannot be noticed. */
export const UNWATCHED_EPOCH: number = -(2 ** 31);

/** Each kind is read when it is asked for. */
export interface ContainerLimits {
  cpu: ContainerCpuLimits;
  memory: MemoryLimits | undefined;
  /** "major:minor" of devices it may use by name. */
  devices: readonly string[];
}

interface Known {
  at: number;
  epoch: number;
  limits: Partial<ContainerLimits>;
}

export class LimitsCache {
  readonly #now: () => number;
  readonly #epoch: Int32Array;
  readonly #known = new Map<number, Known>();
  readonly #read: { readonly [Kind in keyof ContainerLimits]: (container: Container) => ContainerLimits[Kind] };
  #online = "";

  /** `epoch` counts the changes of limits seen, in memory that others write. */
  constructor(files: HostFiles, memoryHigh: boolean, now: () => number, epoch: Int32Array) {
    this.#now = now;
    this.#epoch = epoch;
    this.#read = {
      cpu: ({ cgroups }) => readCpuLimits(files, cgroups.cpu, cgroups.cpuset),
      memory: ({ cgroups }) => cgroups.memory && readMemoryLimits(files, cgroups.memory, memoryHigh),
      devices: ({ cgroups }) => readAllowedDevices(files, cgroups.devices),
    };
  }

  /** Never throws for an absent controller: that is no limit. With `fresh` nothing known counts. */
  of<Kind extends keyof ContainerLimits>(kind: Kind, container: Container, fresh: boolean): ContainerLimits[Kind] {
    if (fresh) return this.#read[kind](container);
    const { limits } = this.#current(container.key);
    if (!(kind in limits)) limits[kind] = this.#read[kind](container);
    return limits[kind] as ContainerLimits[Kind];
  }

  /** What was read of a container while it went. */
  forget(key: number): void {
    this.#known.delete(key);
  }

  /** With the CPUs that are online the effective cpusets change. */
  cpusOnline(cpus: readonly number[]): void {
    const online = cpus.join();
    if (online !== this.#online) this.#known.clear();
    this.#online = online;
  }

  #current(key: number): Known {
    const at = this.#now();
    const epoch = Atomics.load(this.#epoch, 0);
    const maxAgeMillis = epoch === UNWATCHED_EPOCH ? MAX_UNWATCHED_AGE_MILLIS : MAX_AGE_MILLIS;
    const known = this.#known.get(key);
    if (known !== undefined && known.epoch === epoch && at - known.at < maxAgeMillis) return known;
    if (this.#known.size >= MAX_CONTAINERS) this.#known.clear();
    const current = { at, epoch, limits: {} };
    this.#known.set(key, current);
    return current;
  }
}
