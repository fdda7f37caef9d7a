// The limits of containers, which change seldom: read again when somebody wrote to a limit (session/limit-watch.ts), when
// CPUs come or go, and now and then, because a neighbour's cpuset takes CPUs away without anyone writing here.

import type { Container } from "../container/container.ts";
import { type ContainerCpuQuota, readCpuQuota, readEffectiveCpus } from "../container/read-cpu.ts";
import { readAllowedDevices } from "../container/read-io.ts";
import { type MemoryLimits, readMemoryLimits } from "../container/read-memory-limits.ts";
import type { HostFiles } from "../host/host-files.ts";
import type { LimitsEpochs } from "./limits-epochs.ts";

/** A cpuset also follows what no one writes here: CPUs that come and go, and a neighbour's cpuset. */
const MAX_AGE_MILLIS: { readonly [Kind in keyof ContainerLimits]: number } = {
  quota: 60_000,
  effectiveCpus: 5000,
  memory: 60_000,
  devices: 60_000,
};
const MAX_UNWATCHED_AGE_MILLIS = 1000;
const MAX_CONTAINERS = 1024;

/** Each kind is read when it is asked for. */
export interface ContainerLimits {
  quota: ContainerCpuQuota;
  effectiveCpus: readonly number[] | undefined;
  memory: MemoryLimits | undefined;
  /** "major:minor" of devices it may use by name. */
  devices: readonly string[];
}

interface Known {
  epoch: number;
  limits: Partial<ContainerLimits>;
  readAt: Partial<Record<keyof ContainerLimits, number>>;
}

export class LimitsCache {
  readonly #now: () => number;
  readonly #epochs: LimitsEpochs | undefined;
  readonly #known = new Map<number, Known>();
  readonly #read: { readonly [Kind in keyof ContainerLimits]: (container: Container) => ContainerLimits[Kind] };
  #online: readonly number[] = [];

  /** Without `epochs` nobody notices changes. */
  constructor(files: HostFiles, memoryHigh: boolean, now: () => number, epochs?: LimitsEpochs) {
    this.#now = now;
    this.#epochs = epochs;
    this.#read = {
      quota: ({ cgroups }) => readCpuQuota(files, cgroups.cpu),
      effectiveCpus: ({ cgroups }) => cgroups.cpuset && readEffectiveCpus(files, cgroups.cpuset),
      memory: ({ cgroups }) => cgroups.memory && readMemoryLimits(files, cgroups.memory, memoryHigh),
      devices: ({ cgroups }) => readAllowedDevices(files, cgroups.devices),
    };
  }

  /** Never throws for an absent controller: that is no limit. With `fresh` nothing known counts. */
  of<Kind extends keyof ContainerLimits>(kind: Kind, container: Container, fresh: boolean): ContainerLimits[Kind] {
    if (fresh) return this.#read[kind](container);
    const { limits, readAt } = this.#current(container.key);
    const now = this.#now();
    const at = readAt[kind];
    if (at === undefined || now - at >= this.#maxAgeMillis(kind)) {
      limits[kind] = this.#read[kind](container);
      readAt[kind] = now;
    }
    return limits[kind] as ContainerLimits[Kind];
  }

  /** What was read of a container while it went. */
  forget(key: number): void {
    this.#known.delete(key);
  }

  /** With the CPUs that are online the effective cpusets change. */
  cpusOnline(cpus: readonly number[]): void {
    if (cpus === this.#online) return;
    if (cpus.join() !== this.#online.join()) this.#known.clear();
    this.#online = cpus;
  }

  #maxAgeMillis(kind: keyof ContainerLimits): number {
    return this.#epochs?.areWatched ? MAX_AGE_MILLIS[kind] : MAX_UNWATCHED_AGE_MILLIS;
  }

  #current(key: number): Known {
    const epoch = this.#epochs?.of(key) ?? 0;
    const known = this.#known.get(key);
    if (known?.epoch === epoch) return known;
    if (this.#known.size >= MAX_CONTAINERS) this.#known.clear();
    const current = { epoch, limits: {}, readAt: {} };
    this.#known.set(key, current);
    return current;
  }
}
