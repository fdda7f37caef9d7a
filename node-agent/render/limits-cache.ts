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
/** What the epoch is where changes of limits cannot be noticed. */
export const UNWATCHED_EPOCH: number = -(2 ** 31);
const MAX_CONTAINERS = 1024;

export interface ContainerLimits {
  cpu: ContainerCpuLimits;
  memory: MemoryLimits | undefined;
  /** "major:minor" of devices it may use by name. */
  allowedDevices: readonly string[];
}

export class LimitsCache {
  readonly #files: HostFiles;
  readonly #memoryHigh: boolean;
  readonly #now: () => number;
  readonly #epoch: Int32Array;
  readonly #known = new Map<number, { at: number; epoch: number; limits: ContainerLimits }>();
  #online = "";

  /** `epoch` counts the changes of limits seen, in memory that others write. */
  constructor(files: HostFiles, memoryHigh: boolean, now: () => number, epoch: Int32Array) {
    this.#files = files;
    this.#memoryHigh = memoryHigh;
    this.#now = now;
    this.#epoch = epoch;
  }

  /** Never throws for an absent controller: that is no limit. With `fresh` nothing known counts. */
  of({ key, cgroups }: Container, fresh: boolean): ContainerLimits {
    const at = this.#now();
    const epoch = Atomics.load(this.#epoch, 0);
    const known = this.#known.get(key);
    const maxAgeMillis = epoch === UNWATCHED_EPOCH ? MAX_UNWATCHED_AGE_MILLIS : MAX_AGE_MILLIS;
    if (!fresh && known !== undefined && known.epoch === epoch && at - known.at < maxAgeMillis) return known.limits;
    if (this.#known.size >= MAX_CONTAINERS) this.#known.clear();
    const limits = {
      cpu: readCpuLimits(this.#files, cgroups.cpu, cgroups.cpuset),
      memory: cgroups.memory && readMemoryLimits(this.#files, cgroups.memory, this.#memoryHigh),
      allowedDevices: readAllowedDevices(this.#files, cgroups.devices),
    };
    this.#known.set(key, { at, epoch, limits });
    return limits;
  }

  /** With the CPUs that are online the effective cpusets change. */
  cpusOnline(cpus: readonly number[]): void {
    const online = cpus.join();
    if (online !== this.#online) this.#known.clear();
    this.#online = online;
  }
}
