// What the kernel keeps of one file that answers OPEN: pages, size, time of change. As fs/fuse/{file,inode,dev}.c do.

import assert from "node:assert/strict";
import type { Source } from "../../../node-agent/vfs/generation.ts";
import type { NodeId } from "../../../node-agent/vfs/node-id.ts";
import type { Handle, OpenedFiles, PageCache } from "../../../node-agent/vfs/opened-files.ts";

export interface OpenFile {
  handle: Handle;
  direct: boolean;
  offset: number;
}

export class KernelModel implements PageCache {
  readonly #node: NodeId;
  #pages: Buffer | undefined;
  #sizeBytes = 0;
  #changed = "";
  #knowsAttributes = false;
  /** Requests since the last look. */
  requests: string[] = [];
  /** Whether pages can be stored: not where no worker would be left to answer. */
  stores = true;
  /** How often they were. */
  stored = 0;

  constructor(node: NodeId) {
    this.#node = node;
  }

  storePages(_node: NodeId, content: Buffer): boolean {
    if (!this.stores) return false;
    this.stored += 1;
    if (content.length > this.#sizeBytes) {
      this.#sizeBytes = content.length;
      this.#knowsAttributes = false;
    }
    // What lies behind the content stays; of a page that was not there, a part alone is not enough.
    if (this.#pages !== undefined) this.#pages = Buffer.concat([content, this.#pages.subarray(content.length)]);
    else if (content.length === this.#sizeBytes) this.#pages = Buffer.from(content);
    return true;
  }

  dropAttributes(): void {
    this.#knowsAttributes = false;
  }

  /** The jiffies pass in which attributes are known. */
  forgetAttributes(): void {
    this.#knowsAttributes = false;
  }

  /** The kernel needs memory. */
  reclaimPages(): void {
    this.#pages = undefined;
  }

  open(server: OpenedFiles, tid: number, source: Source): OpenFile {
    this.requests.push("OPEN");
    const { handle, pages } = server.open(this.#node, tid, source);
    if (pages === "dropped") this.#pages = undefined;
    return { handle, direct: pages === "passed by", offset: 0 };
  }

  /** read(2): the bytes, none at the end. */
  read(server: OpenedFiles, file: OpenFile, size: number, source: Source): string {
    const bytes = file.direct
      ? this.#readDirectly(server, file, size, source)
      : this.#readPages(server, file, size, source);
    file.offset += bytes.length;
    return bytes.toString("latin1");
  }

  /** Reads from where it is to the end. */
  readAll(server: OpenedFiles, file: OpenFile, size: number, source: Source): string {
    let text = "";
    for (let part = this.read(server, file, size, source); part !== ""; part = this.read(server, file, size, source)) {
      text += part;
    }
    return text;
  }

  #readDirectly(server: OpenedFiles, { handle, offset }: OpenFile, size: number, source: Source): Buffer {
    this.requests.push("READ");
    const target = Buffer.alloc(size);
    const count = server.read(this.#node, { handle, offset, size }, target, source);
    assert.ok(count !== undefined, "the handle is lost");
    return target.subarray(0, count);
  }

  #readPages(server: OpenedFiles, { handle, offset }: OpenFile, size: number, source: Source): Buffer {
    if (!this.#knowsAttributes) this.#getattr(server, handle, source);
    if (offset >= this.#sizeBytes) return Buffer.alloc(0);
    this.#pages ??= this.#fill(server, handle, source);
    return this.#pages.subarray(offset, Math.min(offset + size, this.#sizeBytes));
  }

  #getattr(server: OpenedFiles, handle: Handle, source: Source): void {
    this.requests.push("GETATTR");
    const told = server.attributes(this.#node, handle, source);
    assert.ok(told !== undefined);
    const changed = `${told.mtimeMillis} ${told.generation}`;
    if (told.sizeBytes !== this.#sizeBytes || changed !== this.#changed) this.#pages = undefined;
    this.#sizeBytes = told.sizeBytes;
    this.#changed = changed;
    this.#knowsAttributes = true;
  }

  #fill(server: OpenedFiles, handle: Handle, source: Source): Buffer {
    this.requests.push("READ");
    const target = Buffer.alloc(4096);
    const count = server.read(this.#node, { handle, offset: 0, size: target.length }, target, source);
    assert.ok(count !== undefined, "the owner is lost");
    // A short answer is the end of the file.
    this.#sizeBytes = Math.min(this.#sizeBytes, count);
    return target.subarray(0, count);
  }
}
