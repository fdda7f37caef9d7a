// Notices that somebody wrote to a limit: one inotify watch for each cgroup directory of a container and of its ancestors.
// Writes by anyone through any mount of the hierarchy are seen; what the kernel changes by itself (CPUs that come and go)
// is not, and is found when limits are read again (render/limits-cache.ts).

import { type FSWatcher, watch } from "node:fs";
import { directoryOf, lineage } from "../cgroup/cgroup.ts";
import type { Container } from "../container/container.ts";
import { systemCode } from "../fuse/device.ts";

const LIMIT_FILE =
  /^(?:memory\.(?:max|high|swap\.max|swappiness|limit_in_bytes|memsw\.limit_in_bytes)|cpu\.(?:max|cfs_quota_us|cfs_period_us)|cpuset\.cpus|devices\.(?:allow|deny)|hugetlb\..*\.(?:max|limit_in_bytes))$/;
const CONTROLLERS = ["memory", "cpu", "cpuset", "devices", "hugetlb"] as const;

interface Watched {
  watcher: FSWatcher;
  /** Keys of the containers whose limits stand there or below. */
  keys: Set<number>;
}

export interface LimitWatchObserver {
  /** Limits of these containers have changed. */
  changed(keys: ReadonlySet<number>): void;
  /** A directory cannot be watched, for want of watches (fs.inotify.max_user_watches) most likely. */
  failed(directory: string, error: unknown): void;
}

export class LimitWatch {
  readonly #observer: LimitWatchObserver;
  readonly #watched = new Map<string, Watched>();
  readonly #containers = new Map<number, readonly string[]>();

  constructor(observer: LimitWatchObserver) {
    this.#observer = observer;
  }

  /** How many directories are watched. */
  get size(): number {
    return this.#watched.size;
  }

  /** Returns whether it was not watched before. */
  add(container: Container): boolean {
    if (this.#containers.has(container.key)) return false;
    const directories = directoriesOf(container);
    this.#containers.set(container.key, directories);
    for (const directory of directories) this.#watch(directory, container.key);
    return true;
  }

  /** Stops watching for all containers but these. */
  keep(keys: ReadonlySet<number>): void {
    for (const [key, directories] of this.#containers) {
      if (keys.has(key)) continue;
      this.#containers.delete(key);
      for (const directory of directories) this.#release(directory, key);
    }
  }

  #watch(directory: string, key: number): void {
    const known = this.#watched.get(directory);
    if (known !== undefined) {
      known.keys.add(key);
      return;
    }
    const keys = new Set([key]);
    try {
      const watcher = watch(directory, { persistent: false }, (_event, name) => {
        if (name !== null && LIMIT_FILE.test(name)) this.#observer.changed(keys);
      });
      watcher.on("error", (error) => this.#observer.failed(directory, error));
      this.#watched.set(directory, { watcher, keys });
    } catch (error) {
      // A container that is gone already needs no watch.
      if (systemCode(error) !== "ENOENT") this.#observer.failed(directory, error);
    }
  }

  #release(directory: string, key: number): void {
    const watched = this.#watched.get(directory);
    watched?.keys.delete(key);
    if (watched === undefined || watched.keys.size > 0) return;
    watched.watcher.close();
    this.#watched.delete(directory);
  }
}

function directoriesOf({ cgroups }: Container): string[] {
  const directories = new Set<string>();
  for (const controller of CONTROLLERS) {
    const cgroup = cgroups[controller];
    if (cgroup !== undefined) for (const level of lineage(cgroup)) directories.add(directoryOf(level));
  }
  return [...directories];
}
