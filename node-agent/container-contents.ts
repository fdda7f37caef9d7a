// What the file system shows, told by the room that knows containers: one of these per worker.

import type { Freshness } from "../contract/virtual-files.ts";
import type { Container } from "./container/container.ts";
import type { Containers } from "./container/containers.ts";
import { isReading } from "./container/is-reading.ts";
import { FuseError } from "./fuse/errno.ts";
import type { HostFiles } from "./host/host-files.ts";
import type { FileRenderer } from "./render/render-file.ts";
import type { Contents } from "./vfs/file-system.ts";
import { monotonicMillis } from "./vfs/generations.ts";
import { type ContainerKey, HOST_KEY } from "./vfs/node-id.ts";
import type { Node } from "./vfs/tree.ts";

/** Runtimes write limits after they have walked to the mounts: for so long nothing about a container is kept. */
const YOUNG_MILLIS = 1000;

/** Whoever reads several files in a row is looked at once. */
const ALIVE_MILLIS = 10;

/** A rendering finds out by itself that the files it reads are gone, and some read none of the container. */
const RENDERED_ALIVE_MILLIS = 5000;

/** More than that many containers do not live on a node: some of those met are gone. */
const MAX_MET = 2048;

export interface ContentsObserver {
  /** A container is seen for the first time by this worker. */
  met(container: Container): void;
  /** A file turned under a reader that took too long: it may have found two renderings. */
  turnForced(path: string): void;
  renderFailed(path: string, error: unknown, served: "last good" | "fallback"): void;
}

/** For how long the kernel may keep what changes all the time, and what changes only with limits; 0: not at all. */
export interface FreshnessMillis {
  sampled: number;
  limits: number;
}

interface Met {
  metAtMillis: number;
  /** The container as it was last found alive, and when. */
  container: Container;
  aliveAtMillis: number;
}

export class ContainerContents implements Contents {
  readonly #files: HostFiles;
  readonly #containers: Containers;
  readonly #renderer: FileRenderer;
  readonly #observer: ContentsObserver;
  readonly #freshness: () => FreshnessMillis;
  readonly #met = new Map<ContainerKey, Met>();
  readonly #hostHas = new Map<string, boolean>();

  constructor(
    files: HostFiles,
    containers: Containers,
    renderer: FileRenderer,
    observer: ContentsObserver,
    freshness: () => FreshnessMillis,
  ) {
    this.#files = files;
    this.#containers = containers;
    this.#renderer = renderer;
    this.#observer = observer;
    this.#freshness = freshness;
  }

  containerOf(tid: number): ContainerKey {
    if (tid === 0) throw new FuseError("EPERM", "The caller is in a pid namespace that the mount's owner cannot see");
    const resolution = this.#containers.ofThread(tid);
    if (resolution === "host") return HOST_KEY;
    if (resolution === "gone") throw new FuseError("ESRCH", `Thread ${tid} is gone`);
    this.#meet(resolution);
    return resolution.key;
  }

  hasContainer(key: ContainerKey): boolean {
    return this.#alive(key) !== undefined;
  }

  containers(): readonly ContainerKey[] {
    return this.#containers.all().map(({ key }) => key);
  }

  render(key: ContainerKey, node: Node): Buffer {
    if (key === HOST_KEY) return this.renderHost(node);
    const container = this.#alive(key, RENDERED_ALIVE_MILLIS);
    if (container === undefined) throw new FuseError("ESTALE", `Container ${key} is gone`);
    const bytes = this.#renderWhole(container, node);
    if (bytes !== undefined) return bytes;
    // Whether all of it is gone is to be found out anew.
    const met = this.#met.get(key);
    if (met !== undefined) met.aliveAtMillis = 0;
    this.#renderer.forget(key);
    throw new FuseError("ESTALE", `Container ${key} went meanwhile`);
  }

  /** Undefined where the container, or a cgroup that it had, is gone. */
  #renderWhole(container: Container, node: Node): Buffer | undefined {
    const absences = this.#files.absences;
    try {
      const bytes = this.#renderer.render(container, node.path, this.freshnessMillis(container.key, node));
      if (this.#files.absences === absences || this.#containers.isWhole(container)) return bytes;
    } catch (error) {
      if (this.#containers.isWhole(container)) throw error;
    }
    return undefined;
  }

  /** Throws FuseError (ESTALE) where the host has no such file any more: a CPU that was unplugged. */
  renderHost(node: Node): Buffer {
    try {
      return this.#renderer.renderHost(node.path);
    } catch (error) {
      throw new FuseError("ESTALE", `The host has no /${node.path}`, { cause: error });
    }
  }

  freshnessMillis(key: ContainerKey, node: Node): number {
    const { sampled, limits } = this.#freshness();
    if (key === HOST_KEY || sampled === 0) return sampled;
    return this.isSettled(key) ? this.#staysMillis[node.freshness](key, sampled, limits) : 0;
  }

  readonly #staysMillis: Record<Freshness, (key: ContainerKey, sampled: number, limits: number) => number> = {
    sampled: (_key, sampled) => sampled,
    limits: (_key, _sampled, limits) => limits,
    load: (key, sampled) => Math.max(sampled, this.#renderer.millisToNextLoad(key)),
    swap: (_key, sampled, limits) => (this.#renderer.hostHasSwap() ? sampled : limits),
  };

  isSettled(key: ContainerKey): boolean {
    const met = this.#met.get(key);
    return key === HOST_KEY || (met !== undefined && monotonicMillis() - met.metAtMillis >= YOUNG_MILLIS);
  }

  visibleCpus(key: ContainerKey): readonly number[] {
    const container = key === HOST_KEY ? undefined : this.#alive(key);
    return container === undefined ? this.#renderer.hostCpus() : this.#renderer.cpusOf(container).cpus;
  }

  hostHas(node: Node): boolean {
    if (!node.path.includes("/")) return true;
    const known = this.#hostHas.get(node.path);
    if (known !== undefined) return known;
    const has = this.#files.has(node.path);
    this.#hostHas.set(node.path, has);
    return has;
  }

  isReading(tid: number, node: Node): boolean {
    return isReading(this.#files, tid, `/${node.path}`);
  }

  turnForced(node: Node): void {
    this.#observer.turnForced(node.path);
  }

  renderFailed(node: Node, error: unknown, served: "last good" | "fallback"): void {
    this.#observer.renderFailed(node.path, error, served);
  }

  /** Of one found alive less than `maxAgeMillis` ago that is known. */
  #alive(key: ContainerKey, maxAgeMillis: number = ALIVE_MILLIS): Container | undefined {
    const now = monotonicMillis();
    const met = this.#met.get(key);
    if (met !== undefined && now - met.aliveAtMillis < maxAgeMillis) return met.container;
    const container = this.#containers.byKey(key);
    if (container === undefined || !this.#containers.isAlive(container)) {
      this.#met.delete(key);
      return undefined;
    }
    this.#meet(container);
    return container;
  }

  /** A container that is alive now. */
  #meet(container: Container): void {
    const now = monotonicMillis();
    const met = this.#met.get(container.key);
    if (met !== undefined) {
      met.container = container;
      met.aliveAtMillis = now;
      return;
    }
    if (this.#met.size >= MAX_MET) this.#forgetTheGone();
    const metAtMillis = this.#renderer.metAtMillis(container, now);
    this.#met.set(container.key, { metAtMillis, container, aliveAtMillis: now });
    this.#containers.expectWhole(container);
    this.#observer.met(container);
  }

  #forgetTheGone(): void {
    for (const key of this.#met.keys()) if (!this.#containers.knows(key)) this.#met.delete(key);
  }
}
