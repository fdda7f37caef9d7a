// The containers a server has met, by key, and how one is found again whose key only the kernel remembers.

import { type Cgroup, directoryOf } from "../cgroup/cgroup.ts";
import type { HostFiles } from "../host/host-files.ts";
import type { Container } from "./container.ts";
import {
  containerKey,
  hierarchyOfKey,
  IDENTITY_HIERARCHIES,
  type IdentityHierarchy,
  inodeOfKey,
} from "./container-key.ts";
import { matchContainer } from "./container-rules.ts";
import type { ContainerResolver, Resolution } from "./resolve-container.ts";

/** Deeper trees than the kernel's default limit on nesting that runtimes use are not searched. */
const MAX_DEPTH = 12;

const FIRST_PRUNE = 512;
const MAX_PATHS = 8192;

export class Containers {
  /** Of containers given to expectWhole(), the directories besides the one that identifies them. */
  readonly #directories = new Map<number, readonly string[]>();
  readonly #files: HostFiles;
  readonly #resolver: ContainerResolver;
  readonly #known = new Map<number, Container>();
  /** Every cgroup by its key, as of the last search: after a restart all containers are asked for at once. */
  readonly #cgroups = new Map<number, Cgroup>();
  /** Whether a rule says that a container begins at that path: asked of every cgroup every few seconds. */
  readonly #isContainerPath = new Map<string, boolean>();
  #pruneAt = FIRST_PRUNE;

  constructor(files: HostFiles, resolver: ContainerResolver) {
    this.#files = files;
    this.#resolver = resolver;
  }

  /** The container of a thread; remembered under its key. */
  ofThread(tid: number): Resolution {
    const resolution = this.#resolver.resolve(tid);
    if (typeof resolution === "object") this.remember(resolution);
    return resolution;
  }

  /** The container of a key; undefined once its cgroup is gone. */
  byKey(key: number): Container | undefined {
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const found = this.#find(key);
    if (found !== undefined) this.remember(found);
    return found;
  }

  /** Whether this key was met and its container not found gone since. */
  knows(key: number): boolean {
    return this.#known.has(key);
  }

  /** Those that came and went are forgotten whenever twice as many are known as lived the last time. */
  remember(container: Container): void {
    this.#known.set(container.key, container);
    if (this.#known.size < this.#pruneAt) return;
    for (const known of this.#known.values()) this.isAlive(known);
    this.#pruneAt = Math.max(FIRST_PRUNE, this.#known.size * 2);
  }

  /** Whether the cgroup behind a container is still the one the key means. Forgets it where not. */
  isAlive(container: Container): boolean {
    const alive = this.#files.inode(directoryOf(container.identity)) === inodeOfKey(container.key);
    if (!alive) {
      this.#known.delete(container.key);
      this.#directories.delete(container.key);
    }
    return alive;
  }

  /** Remembers which of its cgroups a container has. */
  expectWhole(container: Container): void {
    const all = new Set(Object.values(container.cgroups).map(directoryOf));
    all.delete(directoryOf(container.identity));
    const directories = [...all].filter((directory) => this.#files.has(directory));
    if (this.isAlive(container)) this.#directories.set(container.key, directories);
  }

  /**
   * Whether all cgroups that a container had when it was given to expectWhole() are there still. A file of one that is
   * gone reads like one that never was, and no limit at all is the machine's.
   */
  isWhole(container: Container): boolean {
    const directories = this.#directories.get(container.key) ?? [];
    return this.isAlive(container) && directories.every((directory) => this.#files.has(directory));
  }

  /** All containers that a rule recognises by path, and those met otherwise that still exist. */
  all(): Container[] {
    const found = new Map<number, Container>();
    for (const name of IDENTITY_HIERARCHIES) {
      this.#walk(name, (cgroup) => {
        if (!this.#isContainer(cgroup.path)) return;
        const container = this.#knownAt(cgroup, name) ?? this.#at(cgroup, name);
        if (container !== undefined) found.set(container.key, container);
      });
      if (found.size > 0) break;
    }
    for (const container of this.#known.values()) {
      if (!found.has(container.key) && this.isAlive(container)) found.set(container.key, container);
    }
    return [...found.values()];
  }

  #isContainer(path: string): boolean {
    const known = this.#isContainerPath.get(path);
    if (known !== undefined) return known;
    if (this.#isContainerPath.size >= MAX_PATHS) this.#isContainerPath.clear();
    const is = matchContainer(path)?.path === path;
    this.#isContainerPath.set(path, is);
    return is;
  }

  #knownAt(cgroup: Cgroup, name: IdentityHierarchy): Container | undefined {
    const inode = this.#files.inode(directoryOf(cgroup));
    return inode === undefined ? undefined : this.#known.get(containerKey(name, inode));
  }

  #find(key: number): Container | undefined {
    const name = hierarchyOfKey(key);
    if (name === undefined) return undefined;
    const cgroup = this.#cgroupOf(key) ?? this.#search(name, key);
    return cgroup && this.#at(cgroup, name);
  }

  #cgroupOf(key: number): Cgroup | undefined {
    const cgroup = this.#cgroups.get(key);
    return cgroup && this.#files.inode(directoryOf(cgroup)) === inodeOfKey(key) ? cgroup : undefined;
  }

  #search(name: IdentityHierarchy, key: number): Cgroup | undefined {
    this.#cgroups.clear();
    this.#walk(name, (cgroup) => {
      const inode = this.#files.inode(directoryOf(cgroup));
      if (inode !== undefined) this.#cgroups.set(containerKey(name, inode), cgroup);
    });
    return this.#cgroups.get(key);
  }

  /** Asks a process of the cgroup where the other controllers have it; an empty one is taken to have the same path. */
  #at(cgroup: Cgroup, name: IdentityHierarchy): Container | undefined {
    const pid = firstPid(this.#files, cgroup);
    const resolution = pid === undefined ? "gone" : this.#resolver.resolve(pid);
    if (typeof resolution === "object" && resolution.identity.path === cgroup.path) return resolution;
    return this.#resolver.assume(cgroup, name);
  }

  #walk(name: IdentityHierarchy, visit: (cgroup: Cgroup) => void): void {
    const hierarchy = this.#resolver.hierarchy(name);
    if (hierarchy === undefined) return;
    const { version, mountPoint } = hierarchy;
    const pending = [{ path: "", depth: 0 }];
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      if (next.depth > MAX_DEPTH) continue;
      for (const child of this.#files.directories(mountPoint + next.path)) {
        const path = `${next.path}/${child}`;
        visit({ version, mountPoint, path });
        pending.push({ path, depth: next.depth + 1 });
      }
    }
  }
}

/** Some process of a cgroup or of those below it; undefined where there is none that the host sees. */
export function firstPid(files: HostFiles, cgroup: Cgroup): number | undefined {
  const pending = [directoryOf(cgroup)];
  for (let directory = pending.pop(); directory !== undefined; directory = pending.pop()) {
    const pid = Number((files.textIfAny(`${directory}/cgroup.procs`) ?? "").split("\n", 1)[0]);
    if (pid > 0) return pid;
    for (const child of files.directories(directory)) pending.push(`${directory}/${child}`);
  }
  return undefined;
}
