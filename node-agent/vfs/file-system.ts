// The file system: answers LOOKUP, READLINK, GETATTR, READ and READDIR from the tree, the generations and what a container
// sees. Whose view it is gets settled at READLINK, from the caller's thread id, and stays with the inodes that the link
// leads to (docs/adr/0003 and 0014).

import { CONTAINERS_DIRECTORY, HOST_DIRECTORY } from "../../contract/virtual-files.ts";
import { FuseError } from "../fuse/errno.ts";
import { FUSE_GETATTR_FH } from "../fuse/flags/getattr.ts";
import { FOPEN_DIRECT_IO, FOPEN_KEEP_CACHE, FOPEN_NOFLUSH } from "../fuse/flags/open.ts";
import type { FuseOperations } from "../fuse/operations.ts";
import type { Attributes, DirectoryEntry, OpenedFile } from "../fuse/reply.ts";
import type { Request } from "../fuse/request.ts";
import { attributesOf, FILE_TYPES, fileAttributes, nameValidMillis } from "./attributes.ts";
import type { BarrierId } from "./barriers.ts";
import type { Answer, Asker, Source, Turning } from "./generation.ts";
import type { Generations } from "./generations.ts";
import { type ContainerKey, HOST_KEY, indexOf, keyOf, type NodeId, nodeidHigh, nodeidLow } from "./node-id.ts";
import type { Handle, OpenedFiles, Opening, PageCache } from "./opened-files.ts";
import { baseName, isCpuDirectory, isCpuRoot, type Node, type Tree } from "./tree.ts";
import type { WaitingRequest } from "./waiting.ts";
import { type WarmUpOrder, warmUpOrder } from "./warm-up-order.ts";

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
  /** Whether a container has been seen for so long that its limits are in place. */
  isSettled(key: ContainerKey): boolean;
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
export interface Deferral extends PageCache {
  /** Whether this thread may have the kernel drop pages: none may that reads requests. */
  readonly mayDropPages: boolean;
  /** Whether a request may wait at all: not where it would be lost, should this process die. */
  mayWait(): boolean;
  /** Someone waits for that file: call `overdue` for it in a while, from a thread that may drop pages. */
  waits(node: NodeId): void;
  /** The kernel is to drop its pages of that file, now. */
  dropPages(node: NodeId): void;
  /** A request that waited has its answer. */
  release(request: WaitingRequest, attributes: Attributes): void;
  /** Has the kernel send a NOTIFY_REPLY behind all requests sent so far; false where it does not know that file. */
  raise(barrier: BarrierId, node: NodeId): boolean;
  /** A barrier was passed. */
  passed(): void;
}

const OPEN_FLAGS: Record<Opening["pages"], number> = {
  right: FOPEN_NOFLUSH | FOPEN_KEEP_CACHE,
  dropped: FOPEN_NOFLUSH,
  "passed by": FOPEN_NOFLUSH | FOPEN_DIRECT_IO,
};

export interface FileSystemParts {
  tree: Tree;
  generations: Generations;
  opened: OpenedFiles;
  contents: Contents;
  deferral: Deferral;
}

export class FileSystem implements FuseOperations {
  readonly #tree: Tree;
  readonly #generations: Generations;
  readonly #contents: Contents;
  readonly #deferral: Deferral;
  readonly #opened: OpenedFiles;

  constructor({ tree, generations, opened, contents, deferral }: FileSystemParts) {
    this.#tree = tree;
    this.#generations = generations;
    this.#contents = contents;
    this.#deferral = deferral;
    this.#opened = opened;
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
    return this.#fileAttributes(key, node, this.#asker(request, "open", true));
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
    const reads = (request.getattrFlags & FUSE_GETATTR_FH) !== 0;
    const who = this.#asker(request, reads ? "read" : "open", false);
    return this.#fileAttributes(key, node, who, reads ? request.getattrHandle : undefined);
  }

  open(request: Request): OpenedFile | undefined {
    if (!this.#opened.rendersAtOpen) return undefined;
    const node = this.#node(request);
    if (node.type !== "file") throw new FuseError("EISDIR", `"/${node.path}" is no file`);
    const id = { high: request.nodeidHigh, low: request.nodeidLow };
    const { handle, pages } = this.#opened.open(id, request.tid, this.#source(keyOf(id.high, id.low), node));
    return { handle, flags: OPEN_FLAGS[pages] };
  }

  release(request: Request): void {
    this.#opened.release({ high: request.nodeidHigh, low: request.nodeidLow }, request.handle);
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
    const { readOffset, readSize, handle } = request;
    if (handle.id !== 0) {
      const source = this.#source(key, node);
      const own = this.#opened.read(id, { handle, offset: readOffset, size: readSize }, target, source);
      if (own !== undefined) return own;
    }
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

  notifyReply(request: Request): void {
    if (this.#generations.barriers.pass(request)) this.#deferral.passed();
  }

  /** Goes on where a predecessor ended: a barrier is passed when all that was sent to it is answered. */
  succeed(): void {
    this.#raiseBarrier(this.#generations.nodes());
  }

  /** Limits of these containers have changed, or may have: nothing rendered before may be shown as present. */
  limitsChanged(keys: ReadonlySet<ContainerKey> | "any"): void {
    if (this.#opened.areAsked) return;
    const expired = this.#generations.expire(({ high, low }) => keys === "any" || keys.has(keyOf(high, low)));
    if (expired.length === 0) return;
    for (const node of expired) this.#deferral.dropAttributes(node);
    this.#generations.dropped(expired);
    this.#raiseBarrier(expired);
  }

  /** With one of these files that the kernel knows. Where it knows none, nothing was asked for. */
  #raiseBarrier(nodes: Iterable<NodeId>): void {
    const { barriers } = this.#generations;
    const barrier = barriers.raise();
    for (const node of nodes) if (this.#deferral.raise(barrier, node)) return;
    barriers.pass(barrier);
    this.#deferral.passed();
  }

  /** What was shown of containers that live. */
  warmUpOrder(): WarmUpOrder {
    return warmUpOrder(this.#generations.nodes(), new Set(this.#contents.containers()));
  }

  /** Another that shows the same, and shares nothing else: nobody reads it. */
  aside(state: Pick<FileSystemParts, "generations" | "opened" | "deferral">): FileSystem {
    return new FileSystem({ tree: this.#tree, contents: this.#contents, ...state });
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

  #fileAttributes(key: ContainerKey, node: Node, who: Asker, handle?: Handle): Attributes | undefined {
    const id = { high: nodeidHigh(key), low: nodeidLow(key, node.index) };
    const source = this.#source(key, node);
    const ofPages = this.#opened.attributes(id, handle, source);
    if (ofPages !== undefined) return fileAttributes(key, node, ofPages);
    const answer = this.#generations.ask(id, who, source);
    if (answer.firstToWait) this.#deferral.waits(id);
    return this.#answered(id, key, node, answer);
  }

  /** The attributes an answer holds, which those who waited get too. */
  #answered(id: NodeId, key: ContainerKey, node: Node, answer: Answer): Attributes | undefined {
    const { generation, released } = answer.turning ? this.#turned(id, key, node, answer.turning) : answer;
    if (generation === undefined) return undefined;
    const attributes = fileAttributes(key, node, generation);
    for (const request of released) this.#deferral.release(request, attributes);
    return attributes;
  }

  #turned(id: NodeId, key: ContainerKey, node: Node, turning: Turning): Answer {
    const stored = turning !== "drop" && this.#deferral.storePages(id, turning);
    if (turning === "drop") this.#deferral.dropPages(id);
    return this.#generations.turned(id, this.#source(key, node), stored);
  }

  #asker(request: Request, contact: Asker["contact"], lookup: boolean): Asker {
    const { uniqueLow, uniqueHigh, tid } = request;
    return { contact, tid, request: this.#deferral.mayWait() ? { uniqueLow, uniqueHigh, lookup } : undefined };
  }

  #source(key: ContainerKey, node: Node): Source {
    return {
      render: () => this.#contents.render(key, node),
      fallback: () => this.#contents.renderHost(node),
      failed: (error, served) => this.#contents.renderFailed(node, error, served),
      forced: () => this.#contents.turnForced(node),
      maxAgeMillis: this.#contents.freshnessMillis(key, node),
      isReading: (tid) => this.#contents.isReading(tid, node),
      limitsSettled: this.#contents.isSettled(key),
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

function entry(name: string, key: ContainerKey, node: Node): DirectoryEntry {
  return { name, nodeidHigh: nodeidHigh(key), nodeidLow: nodeidLow(key, node.index), fileType: FILE_TYPES[node.type] };
}
