// Notices that somebody wrote to a limit: one inotify watch for each cgroup directory of a container and of its ancestors.
// Writes by anyone through any mount of the hierarchy are seen; what the kernel changes by itself (CPUs that come and go)
// is not, and is found when limits are read again (render/limits-cache.ts).

import { directoryOf, lineage } from "../cgroup/cgroup.ts";
import type { Container } from "../container/container.ts";
import { systemCode } from "../fuse/device.ts";
import { IN_MODIFY, IN_ONLYDIR, Inotify } from "../linux/inotify.ts";

/** Also where controllers are turned on for what is below. */
const LIMIT_FILE =
  /^(?:cgroup\.subtree_control|memory\.(?:max|high|swap\.max|swappiness|limit_in_bytes|memsw\.limit_in_bytes)|cpu\.(?:max|cfs_quota_us|cfs_period_us)|cpuset\.cpus|devices\.(?:allow|deny)|hugetlb\..*\.(?:max|limit_in_bytes))$/;
const CONTROLLERS = ["memory", "cpu", "cpuset", "devices", "hugetlb"] as const;

export interface LimitWatchObserver {
  /** Limits of these containers have changed. */
  changed(keys: ReadonlySet<number>): void;
  /** From now on the kernel tells of writes on that descriptor. */
  eventsOn(fd: number): void;
  /** There are events: has them taken, by `take`, which tells of them by `changed`. */
  hear(take: () => void): void;
  /** A directory cannot be watched, for want of watches (fs.inotify.max_user_watches) most likely. */
  failed(directory: string, error: unknown): void;
}

export class LimitWatch {
  readonly #observer: LimitWatchObserver;
  /** Of each watch the keys of the containers whose limits stand there or below. */
  readonly #watched = new Map<number, Set<number>>();
  readonly #containers = new Map<number, readonly number[]>();
  #inotify: Inotify | undefined;

  constructor(observer: LimitWatchObserver) {
    this.#observer = observer;
  }

  /** Returns whether it was not watched before. */
  add(container: Container): boolean {
    const { key } = container;
    if (this.#containers.has(key)) return false;
    const watches = directoriesOf(container).map((directory) => this.#watch(directory, key));
    this.#containers.set(
      key,
      watches.filter((wd) => wd !== undefined),
    );
    return true;
  }

  /** Stops watching for all containers but these. */
  keep(keys: ReadonlySet<number>): void {
    for (const [key, watches] of this.#containers) {
      if (keys.has(key)) continue;
      this.#containers.delete(key);
      for (const wd of watches) this.#release(wd, key);
    }
  }

  close(): void {
    this.#inotify?.close();
  }

  #watch(directory: string, key: number): number | undefined {
    try {
      this.#inotify ??= this.#open();
      const wd = this.#inotify.add(directory, IN_MODIFY | IN_ONLYDIR);
      const keys = this.#watched.get(wd);
      if (keys === undefined) this.#watched.set(wd, new Set([key]));
      else keys.add(key);
      return wd;
    } catch (error) {
      // A container that is gone already needs no watch.
      if (systemCode(error) !== "ENOENT") this.#observer.failed(directory, error);
      return undefined;
    }
  }

  #open(): Inotify {
    const inotify = new Inotify({
      pending: (take) => this.#observer.hear(take),
      happened: (wd, name) => {
        const keys = this.#watched.get(wd);
        if (keys !== undefined && LIMIT_FILE.test(name)) this.#observer.changed(keys);
      },
      ended: (wd) => this.#watched.delete(wd),
      lost: () => this.#observer.changed(new Set(this.#containers.keys())),
    });
    this.#observer.eventsOn(inotify.fd);
    return inotify;
  }

  #release(wd: number, key: number): void {
    const keys = this.#watched.get(wd);
    keys?.delete(key);
    if (keys === undefined || keys.size > 0) return;
    this.#inotify?.remove(wd);
    this.#watched.delete(wd);
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
