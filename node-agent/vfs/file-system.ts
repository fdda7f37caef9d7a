// The file system: answers LOOKUP, GETATTR, READ and READDIR from the tree, the generations and what a container sees.
// Whose view it is gets settled at LOOKUP, from the caller's thread id, and stays with the inode (docs/adr/0003).

import { CONTAINERS_DIRECTORY } from "../../contract/virtual-files.ts";
import { DT_DIR, DT_REG } from "../fuse/abi.ts";
import { FuseError } from "../fuse/errno.ts";
import { FUSE_GETATTR_FH } from "../fuse/flags/getattr.ts";
import type { FuseOperations } from "../fuse/operations.ts";
import type { Attributes, DirectoryEntry } from "../fuse/reply.ts";
import type { Request } from "../fuse/request.ts";
import { DOORS, Doors, nodeOf as doorNode, doorOf, type SharedDoors } from "./doors.ts";
import {
  type Answer,
  type Asker,
  type Generation,
  type Generations,
  monotonicMillis,
  type Source,
} from "./generations.ts";
import { type ContainerKey, HOST_KEY, indexOf, keyOf, type NodeId, nodeidHigh, nodeidLow } from "./node-id.ts";
import { baseName, isCpuDirectory, isCpuRoot, type Node, type Tree } from "./tree.ts";
import type { WaitingRequest } from "./waiting.ts";

/** What the file system shows, told by whoever knows containers. */
export interface Contents {
  /** The container of a thread, HOST_KEY for a caller on the host. Throws FuseError (EPERM) for one that cannot be seen. */
  containerOf(tid: number): ContainerKey;
  /** Whether a key names a container that exists now. */
  hasContainer(key: ContainerKey): boolean;
  containers(): readonly ContainerKey[];
  /** The bytes of a file as that container sees them. */
  render(key: ContainerKey, node: Node): Buffer;
  /** For how long the kernel may keep a rendering of this file, in milliseconds. */
  freshnessMillis(key: ContainerKey, node: Node): number;
  /** CPU numbers that container sees, ascending. */
  visibleCpus(key: ContainerKey): readonly number[];
  /** Whether this machine has a file or directory of the cpu tree. */
  hostHas(node: Node): boolean;
  /** The host's own bytes: what a reader gets where nothing better is known. */
  renderHost(node: Node): Buffer;
  /** Whether a thread runs, or waits for an answer of ours. */
  isWalking(tid: number): boolean;
  /** Whether a thread runs, or waits for an answer of ours, and has a file of that path open. */
  isReading(tid: number, node: Node): boolean;
  /** A file turned under a reader that took too long. */
  turnForced(node: Node): void;
  /** A rendering failed; the last good one, or the host's bytes, were served instead. */
  renderFailed(node: Node, error: unknown, served: "last good" | "fallback"): void;
}

/** Where requests go that are not answered at once. */
export interface Deferral {
  /** Whether this thread may have the kernel drop pages: none may that reads requests. */
  readonly mayDropPages: boolean;
  /** Someone waits for that file: call `overdue` for it in a while, from a thread that may drop pages. */
  waits(node: NodeId): void;
  /** The kernel is to drop its pages of that file, now. */
  dropPages(node: NodeId): void;
  /** The kernel is to ask for that file's attributes before anyone reads on. */
  dropAttributes(node: NodeId): void;
  /** A request that waited has its answer. */
  release(request: WaitingRequest, attributes: Attributes): void;
}

/** Names and attributes of directories are the same for everyone and never change. */
const DIRECTORY_VALID_MILLIS = 60_000;

export class FileSystem implements FuseOperations {
  readonly #tree: Tree;
  readonly #generations: Generations;
  readonly #contents: Contents;
  readonly #deferral: Deferral;
  readonly #doors: Doors;

  constructor(tree: Tree, generations: Generations, doors: SharedDoors, contents: Contents, deferral: Deferral) {
    this.#tree = tree;
    this.#generations = generations;
    this.#contents = contents;
    this.#deferral = deferral;
    this.#doors = new Doors(doors, monotonicMillis, (tid) => contents.isWalking(tid));
  }

  lookup(request: Request): Attributes | undefined {
    const parent = this.#directory(request);
    const inherited = keyOf(request.nodeidHigh, request.nodeidLow);
    if (parent.index === CONTAINERS_DIRECTORY.index) return this.#containerRoot(request.name);
    const node = this.#tree.child(parent, request.name);
    if (node === undefined) throw new FuseError("ENOENT", `No "${request.name}" in "/${parent.path}"`);
    if (node.directory && node.cpu === undefined && this.#contents.hostHas(node)) {
      return directoryAttributes(inherited, node, DIRECTORY_VALID_MILLIS);
    }
    const key = inherited === HOST_KEY ? this.#contents.containerOf(request.tid) : inherited;
    if (!this.#exists(key, node)) throw new FuseError("ENOENT", `No "/${node.path}" here`);
    if (node.directory) return directoryAttributes(inherited, node, 0);
    const who = asker(request, "open", true);
    if (inherited === HOST_KEY && !this.#enters(node, key, who)) return undefined;
    return this.#fileAttributes(key, node, who);
  }

  getattr(request: Request): Attributes | undefined {
    const node = this.#node(request);
    const key = keyOf(request.nodeidHigh, request.nodeidLow);
    if (node.directory) return directoryAttributes(key, node, 0);
    const contact = (request.getattrFlags & FUSE_GETATTR_FH) === 0 ? "open" : "read";
    return this.#fileAttributes(key, node, asker(request, contact, false));
  }

  /** Whether a walker may go on to a file at once; else it waits at its door. */
  #enters({ index }: Node, key: ContainerKey, { tid, request }: Asker): boolean {
    if (index >= DOORS || request === undefined) return true;
    const { enters, freed } = this.#doors.enter(index, key, { ...request, tid });
    for (const door of freed) this.#openDoor(door);
    if (!enters) this.#deferral.waits(doorNode(index));
    return enters;
  }

  /** Lets in who may go on at a door. Returns true while others wait on. */
  #openDoor(door: number): boolean {
    const node = this.#tree.node(door) as Node;
    for (const request of this.#doors.waitingAt(door)) {
      const key = this.#keyOf(request.tid);
      if (key === undefined || !this.#doors.enter(door, key, request).enters) continue;
      const attributes = this.#fileAttributes(key, node, { contact: "open", tid: request.tid, request });
      if (attributes !== undefined) this.#deferral.release(request, attributes);
    }
    return this.#doors.hasWaiting(door);
  }

  /** The container of a thread that waits; undefined where it waits no longer. */
  #keyOf(tid: number): ContainerKey | undefined {
    try {
      return this.#contents.containerOf(tid);
    } catch (error) {
      if (error instanceof FuseError) return undefined;
      throw error;
    }
  }

  /** Sees to those who wait for a file. Returns true while they must wait on. */
  overdue(id: NodeId): boolean {
    const door = doorOf(id);
    if (door !== undefined) return this.#openDoor(door);
    const node = this.#tree.node(indexOf(id.low));
    if (node === undefined) return false;
    const key = keyOf(id.high, id.low);
    const answer = this.#generations.overdue(id, this.#source(key, node));
    if (typeof answer === "object") this.#answered(id, key, node, answer);
    return answer === "not yet";
  }

  read(request: Request, target: Buffer): number {
    const node = this.#node(request);
    if (node.directory) throw new FuseError("EISDIR", `"/${node.path}" is a directory`);
    const key = keyOf(request.nodeidHigh, request.nodeidLow);
    const id = { high: request.nodeidHigh, low: request.nodeidLow };
    const { readOffset, readSize } = request;
    const count = this.#generations.read(id, request.tid, readOffset, readSize, target);
    if (count !== undefined) return count;
    this.#generations.ask(id, { contact: "read", tid: request.tid }, this.#source(key, node));
    return this.#generations.read(id, request.tid, readOffset, readSize, target) ?? 0;
  }

  readdir(request: Request): readonly DirectoryEntry[] {
    const node = this.#directory(request);
    const key = keyOf(request.nodeidHigh, request.nodeidLow);
    const entries = [entry(".", key, node), entry("..", key, node)];
    if (node.index === CONTAINERS_DIRECTORY.index) {
      const root = this.#root();
      return [...entries, ...this.#contents.containers().map((container) => entry(String(container), container, root))];
    }
    for (const child of this.#tree.children(node)) {
      if (child.index === CONTAINERS_DIRECTORY.index && key !== HOST_KEY) continue;
      if (this.#contents.hostHas(child)) entries.push(entry(baseName(child.path), key, child));
    }
    if (!isCpuRoot(node)) return entries;
    const viewer = key === HOST_KEY ? this.#contents.containerOf(request.tid) : key;
    for (const cpu of this.#contents.visibleCpus(viewer)) {
      const child = this.#tree.cpu(cpu);
      if (child !== undefined) entries.push(entry(baseName(child.path), key, child));
    }
    return entries;
  }

  /** Limits of these containers have changed: nothing rendered before may be shown as present. */
  limitsChanged(keys: ReadonlySet<ContainerKey>): void {
    const expired = this.#generations.expire(({ high, low }) => keys.has(keyOf(high, low)));
    for (const node of expired) this.#deferral.dropAttributes(node);
  }

  #containerRoot(name: string): Attributes {
    const key = /^[1-9]\d{0,13}$/.test(name) ? Number(name) : HOST_KEY;
    if (key === HOST_KEY || !this.#contents.hasContainer(key)) throw new FuseError("ENOENT", `No container "${name}"`);
    return directoryAttributes(key, this.#root(), 0);
  }

  #exists(key: ContainerKey, node: Node): boolean {
    if (isCpuDirectory(node)) return this.#contents.visibleCpus(key).includes(node.cpu as number);
    return this.#contents.hostHas(node);
  }

  #fileAttributes(key: ContainerKey, node: Node, who: Asker): Attributes | undefined {
    const id = { high: nodeidHigh(key), low: nodeidLow(key, node.index) };
    const answer = this.#generations.ask(id, who, this.#source(key, node));
    if (answer.firstToWait) this.#deferral.waits(id);
    return this.#answered(id, key, node, answer);
  }

  /** The attributes an answer holds, which those who waited get too. */
  #answered(id: NodeId, key: ContainerKey, node: Node, answer: Answer): Attributes | undefined {
    const { generation, released } = answer.turning ? this.#turned(id, key, node) : answer;
    if (generation === undefined) return undefined;
    const attributes = fileAttributes(key, node, generation);
    for (const request of released) this.#deferral.release(request, attributes);
    return attributes;
  }

  #turned(id: NodeId, key: ContainerKey, node: Node): Answer {
    this.#deferral.dropPages(id);
    return this.#generations.turned(id, this.#source(key, node));
  }

  #source(key: ContainerKey, node: Node): Source {
    return {
      render: () => this.#contents.render(key, node),
      fallback: () => this.#contents.renderHost(node),
      failed: (error, served) => this.#contents.renderFailed(node, error, served),
      forced: () => this.#contents.turnForced(node),
      maxAgeMillis: this.#contents.freshnessMillis(key, node),
      isReading: (tid) => this.#contents.isReading(tid, node),
    };
  }

  #root(): Node {
    return this.#tree.node(1) as Node;
  }

  #node(request: Request): Node {
    const node = this.#tree.node(indexOf(request.nodeidLow));
    if (node === undefined) throw new FuseError("ESTALE", `No file has index ${indexOf(request.nodeidLow)}`);
    return node;
  }

  #directory(request: Request): Node {
    const node = this.#node(request);
    if (!node.directory) throw new FuseError("ENOTDIR", `"/${node.path}" is a file`);
    return node;
  }
}

function entry(name: string, key: ContainerKey, node: Node): DirectoryEntry {
  return {
    name,
    nodeidHigh: nodeidHigh(key),
    nodeidLow: nodeidLow(key, node.index),
    type: node.directory ? DT_DIR : DT_REG,
  };
}

function asker(request: Request, contact: Asker["contact"], lookup: boolean): Asker {
  const { uniqueLow, uniqueHigh, tid } = request;
  return { contact, tid, request: { uniqueLow, uniqueHigh, lookup } };
}

function fileAttributes(key: ContainerKey, node: Node, generation: Generation): Attributes {
  return {
    nodeidHigh: nodeidHigh(key),
    nodeidLow: nodeidLow(key, node.index),
    directory: false,
    permissions: node.permissions,
    sizeBytes: generation.sizeBytes,
    mtimeSeconds: Math.floor(generation.mtimeMillis / 1000),
    mtimeNanos: (generation.mtimeMillis % 1000) * 1_000_000 + (generation.generation % 1_000_000),
    validMillis: generation.validMillis,
    entryValidMillis: 0,
  };
}

function directoryAttributes(key: ContainerKey, node: Node, entryValidMillis: number): Attributes {
  return {
    nodeidHigh: nodeidHigh(key),
    nodeidLow: nodeidLow(key, node.index),
    directory: true,
    permissions: node.permissions,
    sizeBytes: 0,
    mtimeSeconds: Math.floor(Date.now() / 1000),
    mtimeNanos: 0,
    validMillis: DIRECTORY_VALID_MILLIS,
    entryValidMillis,
  };
}
