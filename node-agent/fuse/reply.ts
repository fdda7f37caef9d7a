// One answer: an out header and a body, written in place and sent with a single write(2). Each method returns true: there
// is an answer to send.

import {
  DT_SHIFT,
  fuse_attr,
  fuse_attr_out,
  fuse_dirent,
  fuse_direntplus,
  fuse_entry_out,
  fuse_out_header,
  fuse_statfs_out,
  S_IFDIR,
} from "./abi.ts";

const BLOCK_BYTES = 512;
const PAGE_BYTES = 4096;
const NAME_MAX_BYTES = 255;

/** What stat(2) shows of a node, and for how long the kernel may believe it. */
export interface Attributes {
  nodeidHigh: number;
  nodeidLow: number;
  /** S_IFDIR, S_IFREG or S_IFLNK. */
  fileType: number;
  /** Permission bits, without the file type. */
  permissions: number;
  sizeBytes: number;
  /** Wall-clock time of the generation: a change makes the kernel drop its pages. */
  mtimeSeconds: number;
  mtimeNanos: number;
  validMillis: number;
  /** For how long the name leads to this node without another LOOKUP. */
  entryValidMillis: number;
}

/** What an answer needs of its request: the 8 bytes of `unique`, copied. */
export interface Answerable {
  copyUnique(target: Buffer, at: number): void;
}

/** As `Answerable`, for listings. */
interface ListingRequest extends Answerable {
  readSize: number;
  readOffset: number;
}

export interface DirectoryEntry {
  name: string;
  nodeidHigh: number;
  nodeidLow: number;
  /** S_IFDIR, S_IFREG or S_IFLNK. */
  fileType: number;
}

export class Reply {
  readonly #buffer: Buffer;
  readonly #body: Buffer;
  #length = 0;

  /** `maxBodyBytes` bounds the longest READ. */
  constructor(maxBodyBytes: number) {
    this.#buffer = Buffer.alloc(fuse_out_header.size + maxBodyBytes);
    this.#body = this.#buffer.subarray(fuse_out_header.size);
  }

  get buffer(): Buffer {
    return this.#buffer;
  }

  /** Room for the bytes of a READ; tell how many with `bytes()`. */
  get body(): Buffer {
    return this.#body;
  }

  get length(): number {
    return this.#length;
  }

  /** 0, or the error number this answers with. */
  get error(): number {
    return Math.abs(this.#buffer.readInt32LE(fuse_out_header.error));
  }

  /** An answer without a body: `error` 0 is success. A body with an error would be refused by the kernel. */
  empty(request: Answerable, error = 0): true {
    return this.#seal(request, 0, error);
  }

  /** The first `count` bytes of the body. */
  bytes(request: Answerable, count: number): true {
    return this.#seal(request, count, 0);
  }

  /** The answer to READLINK: a path, which may not be longer than a page. */
  target(request: Answerable, path: string): true {
    return this.#seal(request, this.#body.write(path, "latin1"), 0);
  }

  /** The answer to LOOKUP. */
  entry(request: Answerable, attributes: Attributes): true {
    writeEntry(this.#body, 0, attributes);
    return this.#seal(request, fuse_entry_out.size, 0);
  }

  /** The answer to GETATTR. */
  attributes(request: Answerable, attributes: Attributes): true {
    const out = this.#body;
    out.fill(0, 0, fuse_attr_out.attr);
    writeValidity(out, fuse_attr_out.attr_valid, fuse_attr_out.attr_valid_nsec, attributes.validMillis);
    writeAttr(out, fuse_attr_out.attr, attributes);
    return this.#seal(request, fuse_attr_out.size, 0);
  }

  /** The answer to STATFS: a file system without blocks. */
  statfs(request: Answerable): true {
    this.#body.fill(0, 0, fuse_statfs_out.size);
    this.#body.writeUInt32LE(PAGE_BYTES, fuse_statfs_out.bsize);
    this.#body.writeUInt32LE(PAGE_BYTES, fuse_statfs_out.frsize);
    this.#body.writeUInt32LE(NAME_MAX_BYTES, fuse_statfs_out.namelen);
    return this.#seal(request, fuse_statfs_out.size, 0);
  }

  /** The answer to READDIR or READDIRPLUS: the entries from `offset` (an index) on that fit the size asked for. */
  directory(request: ListingRequest, entries: readonly DirectoryEntry[], plus: boolean): true {
    const room = Math.min(request.readSize, this.#body.length);
    let at = 0;
    for (let index = request.readOffset; index < entries.length; index += 1) {
      const entry = entries[index] as DirectoryEntry;
      const next = at + direntBytes(entry.name, plus);
      if (next > room) break;
      this.#body.fill(0, at, next);
      writeDirent(this.#body, plus ? at + fuse_direntplus.dirent : at, entry, index + 1);
      at = next;
    }
    return this.#seal(request, at, 0);
  }

  #seal(request: Answerable, bodyBytes: number, error: number): true {
    this.#length = fuse_out_header.size + bodyBytes;
    this.#buffer.writeUInt32LE(this.#length, fuse_out_header.len);
    this.#buffer.writeInt32LE(-error, fuse_out_header.error);
    request.copyUnique(this.#buffer, fuse_out_header.unique);
    return true;
  }
}

/** READDIRPLUS entries carry nodeid 0 ("no attributes"): each file's size would cost a render nobody asked for. */
function direntBytes(name: string, plus: boolean): number {
  const fixed = plus ? fuse_direntplus.size : fuse_dirent.size;
  return Math.ceil((fixed + Buffer.byteLength(name, "latin1")) / 8) * 8;
}

function writeDirent(out: Buffer, at: number, entry: DirectoryEntry, nextOffset: number): void {
  out.writeUInt32LE(entry.nodeidLow, at + fuse_dirent.ino);
  out.writeUInt32LE(entry.nodeidHigh, at + fuse_dirent.ino + 4);
  out.writeUInt32LE(nextOffset, at + fuse_dirent.off);
  out.writeUInt32LE(entry.name.length, at + fuse_dirent.namelen);
  out.writeUInt32LE(entry.fileType >>> DT_SHIFT, at + fuse_dirent.type);
  out.write(entry.name, at + fuse_dirent.name, "latin1");
}

function writeEntry(out: Buffer, at: number, attributes: Attributes): void {
  out.fill(0, at, at + fuse_entry_out.attr);
  out.writeUInt32LE(attributes.nodeidLow, at + fuse_entry_out.nodeid);
  out.writeUInt32LE(attributes.nodeidHigh, at + fuse_entry_out.nodeid + 4);
  writeValidity(
    out,
    at + fuse_entry_out.entry_valid,
    at + fuse_entry_out.entry_valid_nsec,
    attributes.entryValidMillis,
  );
  writeValidity(out, at + fuse_entry_out.attr_valid, at + fuse_entry_out.attr_valid_nsec, attributes.validMillis);
  writeAttr(out, at + fuse_entry_out.attr, attributes);
}

function writeValidity(out: Buffer, secondsAt: number, nanosAt: number, millis: number): void {
  const seconds = Math.floor(millis / 1000);
  out.writeUInt32LE(seconds, secondsAt);
  out.writeUInt32LE(Math.floor((millis - seconds * 1000) * 1e6), nanosAt);
}

function writeAttr(out: Buffer, at: number, attributes: Attributes): void {
  out.fill(0, at, at + fuse_attr.size);
  out.writeUInt32LE(attributes.nodeidLow, at + fuse_attr.ino);
  out.writeUInt32LE(attributes.nodeidHigh, at + fuse_attr.ino + 4);
  out.writeUInt32LE(attributes.sizeBytes, at + fuse_attr.sizeField);
  out.writeUInt32LE(Math.ceil(attributes.sizeBytes / BLOCK_BYTES), at + fuse_attr.blocks);
  for (const field of [fuse_attr.atime, fuse_attr.mtime, fuse_attr.ctime]) {
    writeU64(out, attributes.mtimeSeconds, at + field);
  }
  for (const field of [fuse_attr.atimensec, fuse_attr.mtimensec, fuse_attr.ctimensec]) {
    out.writeUInt32LE(attributes.mtimeNanos, at + field);
  }
  out.writeUInt32LE(attributes.fileType | attributes.permissions, at + fuse_attr.mode);
  out.writeUInt32LE(attributes.fileType === S_IFDIR ? 2 : 1, at + fuse_attr.nlink);
  out.writeUInt32LE(PAGE_BYTES, at + fuse_attr.blksize);
}

function writeU64(out: Buffer, value: number, at: number): void {
  out.writeUInt32LE(value % 2 ** 32, at);
  out.writeUInt32LE(Math.floor(value / 2 ** 32), at + 4);
}
