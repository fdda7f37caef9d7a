// The limits of containers, which change seldom: read again when somebody wrote to a limit (session/limit-watch.ts), when
// CPUs come or go, and now and then, because a neighbour's cpuset takes CPUs away without anyone writing here.

import type { Container } from "../container/container.ts";
import { type ContainerCpuQuota, readCpuQuota, readEffectiveCpus } from "../container/read-cpu.ts";
import { readAllowedDevices } from "../container/read-io.ts";
import { type MemoryLimits, readMemoryLimits } from "../container/read-memory-limits.ts";
import type { HostFiles } from "../host/host-files.ts";
import type { LimitsEpochs } from "./limits-epochs.ts";

const MAX_AGE_MILLIS = 60_000;
/**
 * By version. A cpuset also follows what no one writes here: a neighbour that becomes a partition (cgroup-v2.rst "Cpuset"), and,
 * a moment later than the list of those online, CPUs that come and go.
 */
const MAX_AGE_OF_CPUS_MILLIS = { 1: 15_000, 2: 5000 } as const;
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

  /** Never throws for an absent controller: that is no limit. With `fresh` only what is known not to have changed counts. */
  of<Kind extends keyof ContainerLimits>(kind: Kind, container: Container, fresh: boolean): ContainerLimits[Kind] {
    if (fresh && !this.#isCertain(kind, container)) return this.#read[kind](container);
    const { limits, readAt } = this.#current(container.key);
    const now = this.#now();
    const at = readAt[kind];
    if (at === undefined || now - at >= this.#maxAgeMillis(kind, container)) {
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

  /** Whether nobody can have changed it unseen. */
  #isCertain(kind: keyof ContainerLimits, { key }: Container): boolean {
    return kind !== "effectiveCpus" && this.#epochs?.tellAll(key) === true;
  }

  #maxAgeMillis(kind: keyof ContainerLimits, { cgroups }: Container): number {
    if (!this.#epochs?.areWatched) return MAX_UNWATCHED_AGE_MILLIS;
    return kind === "effectiveCpus" && cgroups.cpuset ? MAX_AGE_OF_CPUS_MILLIS[cgroups.cpuset.version] : MAX_AGE_MILLIS;
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
