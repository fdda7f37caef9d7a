// The file system: answers LOOKUP, READLINK, GETATTR, READ and READDIR from the tree, the generations and what a container
// sees. Whose view it is gets settled at READLINK, from the caller's thread id, and stays with the inodes that the link
// leads to (docs/adr/0003 and 0014).

import { CONTAINERS_DIRECTORY, HOST_DIRECTORY } from "../../contract/virtual-files.ts";
import { S_IFDIR, S_IFLNK, S_IFREG } from "../fuse/abi.ts";
import { FuseError } from "../fuse/errno.ts";
import { FUSE_GETATTR_FH } from "../fuse/flags/getattr.ts";
import type { FuseOperations } from "../fuse/operations.ts";
import type { Attributes, DirectoryEntry } from "../fuse/reply.ts";
import type { Request } from "../fuse/request.ts";
import type { Answer, Asker, Generation, Generations, Source } from "./generations.ts";
import { type ContainerKey, HOST_KEY, indexOf, keyOf, type NodeId, nodeidHigh, nodeidLow } from "./node-id.ts";
import { baseName, isCpuDirectory, isCpuRoot, type Node, type NodeType, type Tree } from "./tree.ts";
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
  /** Whether a thread runs, or waits for an answer of ours, and has a file of that path open. */
  isReading(tid: number, node: Node): boolean;
  /** A file turned under a reader that took too long. */
  turnForced(node: Node): void;
  /** A rendering failed; the last good one, or the host's bytes, were served instead. */
  renderFailed(node: Node, error: unknown, served: "last good" | "fallback"): void;
}

/** Where requests go that are not answered at once. */
export interface Deferral {
  /** Someone waits for that file: call `overdue` for it in a while. */
  waits(node: NodeId): void;
  /** The kernel is to drop its pages of that file, now. */
  dropPages(node: NodeId): void;
  /** The kernel is to ask for that file's attributes before anyone reads on. */
  dropAttributes(node: NodeId): void;
  /** A request that waited has its answer. */
  release(request: WaitingRequest, attributes: Attributes): void;
}

/** Names lead to the same node for everyone, for ever; so do attributes of what is no file. */
const NAME_VALID_MILLIS = 60_000;

const FILE_TYPES: Readonly<Record<NodeType, number>> = { file: S_IFREG, directory: S_IFDIR, symlink: S_IFLNK };

export class FileSystem implements FuseOperations {
  readonly #tree: Tree;
  readonly #generations: Generations;
  readonly #contents: Contents;
  readonly #deferral: Deferral;

  constructor(tree: Tree, generations: Generations, contents: Contents, deferral: Deferral) {
    this.#tree = tree;
    this.#generations = generations;
    this.#contents = contents;
    this.#deferral = deferral;
  }

  lookup(request: Request): Attributes | undefined {
    const parent = this.#directory(request);
    if (parent.index === CONTAINERS_DIRECTORY.index) return this.#containerRoot(request.name);
    const key = keyOf(request.nodeidHigh, request.nodeidLow);
    const node = this.#tree.child(parent, request.name);
    if (node === undefined || !this.#exists(key, node)) {
      throw new FuseError("ENOENT", `No "${request.name}" in "/${parent.path}"`);
    }
    if (node.type !== "file") return attributesOf(key, node, nameValidMillis(node));
    return this.#fileAttributes(key, node, asker(request, "open", true));
  }

  /** Every name below leads to one node for ever: an entry that changed with who walks would be unhashed under another. */
  readlink(request: Request): string {
    const { type, path } = this.#node(request);
    if (type !== "symlink") throw new FuseError("EINVAL", `"/${path}" is no symbolic link`);
    const key = this.#contents.containerOf(request.tid);
    return `${key === HOST_KEY ? HOST_DIRECTORY.name : `${CONTAINERS_DIRECTORY.name}/${key}`}/${path}`;
  }

  getattr(request: Request): Attributes | undefined {
    const node = this.#node(request);
    const key = keyOf(request.nodeidHigh, request.nodeidLow);
    if (node.type !== "file") return attributesOf(key, node, 0);
    const contact = (request.getattrFlags & FUSE_GETATTR_FH) === 0 ? "open" : "read";
    return this.#fileAttributes(key, node, asker(request, contact, false));
  }

  /** Sees to those who wait for a file. Returns true while they must wait on. */
  overdue(id: NodeId): boolean {
    const node = this.#tree.node(indexOf(id.low));
    if (node === undefined) return false;
    const key = keyOf(id.high, id.low);
    const answer = this.#generations.overdue(id, this.#source(key, node));
    if (typeof answer === "object") this.#answered(id, key, node, answer);
    return answer === "not yet";
  }

  read(request: Request, target: Buffer): number {
    const node = this.#node(request);
    if (node.type !== "file") throw new FuseError("EISDIR", `"/${node.path}" is no file`);
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
      const view = this.#view();
      return [...entries, ...this.#contents.containers().map((container) => entry(String(container), container, view))];
    }
    for (const [name, child] of this.#tree.children(node)) {
      if (this.#contents.hostHas(child)) entries.push(entry(name, key, child));
    }
    if (!isCpuRoot(node)) return entries;
    for (const cpu of this.#contents.visibleCpus(key)) {
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
    return attributesOf(key, this.#view(), 0);
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

  /** What stands at the root of a view. */
  #view(): Node {
    return this.#tree.node(HOST_DIRECTORY.index) as Node;
  }

  #node(request: Request): Node {
    const node = this.#tree.node(indexOf(request.nodeidLow));
    if (node === undefined) throw new FuseError("ESTALE", `No file has index ${indexOf(request.nodeidLow)}`);
    return node;
  }

  #directory(request: Request): Node {
    const node = this.#node(request);
    if (node.type !== "directory") throw new FuseError("ENOTDIR", `"/${node.path}" is no directory`);
    return node;
  }
}

/** CPUs come and go with limits; all else stays what it is. */
function nameValidMillis({ cpu }: Node): number {
  return cpu === undefined ? NAME_VALID_MILLIS : 0;
}

function entry(name: string, key: ContainerKey, node: Node): DirectoryEntry {
  return { name, nodeidHigh: nodeidHigh(key), nodeidLow: nodeidLow(key, node.index), fileType: FILE_TYPES[node.type] };
}

function asker(request: Request, contact: Asker["contact"], lookup: boolean): Asker {
  const { uniqueLow, uniqueHigh, tid } = request;
  return { contact, tid, request: { uniqueLow, uniqueHigh, lookup } };
}

function fileAttributes(key: ContainerKey, node: Node, generation: Generation): Attributes {
  return {
    nodeidHigh: nodeidHigh(key),
    nodeidLow: nodeidLow(key, node.index),
    fileType: FILE_TYPES[node.type],
    permissions: node.permissions,
    sizeBytes: generation.sizeBytes,
    mtimeSeconds: Math.floor(generation.mtimeMillis / 1000),
    mtimeNanos: (generation.mtimeMillis % 1000) * 1_000_000 + (generation.generation % 1_000_000),
    validMillis: generation.validMillis,
    entryValidMillis: nameValidMillis(node),
  };
}

/** Of a directory or a symbolic link, whose length is nobody's business, as with those of the kernel's /proc. */
function attributesOf(key: ContainerKey, node: Node, entryValidMillis: number): Attributes {
  return {
    nodeidHigh: nodeidHigh(key),
    nodeidLow: nodeidLow(key, node.index),
    fileType: FILE_TYPES[node.type],
    permissions: node.permissions,
    sizeBytes: 0,
    mtimeSeconds: Math.floor(Date.now() / 1000),
    mtimeNanos: 0,
    validMillis: NAME_VALID_MILLIS,
    entryValidMillis,
  };
}
