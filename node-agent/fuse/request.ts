// One request as the kernel wrote it: a view over the read buffer, no copy. Short or corrupt messages become errors here.

import { fuse_getattr_in, fuse_in_header, fuse_read_in } from "./abi.ts";
import { FuseError } from "./errno.ts";
import type { FileHandle } from "./reply.ts";

const NAME_MAX_BYTES = 255;
const TWO_TO_32 = 2 ** 32;

/** A message too short to be answered: it does not even hold the id an answer needs. */
export class UnanswerableRequest extends Error {
  constructor(lengthBytes: number) {
    super(`Cannot answer a FUSE message of ${lengthBytes} bytes: the header alone has ${fuse_in_header.size}`);
    this.name = "UnanswerableRequest";
  }
}

export class Request {
  readonly #buffer: Buffer;
  #length = 0;

  constructor(buffer: Buffer) {
    this.#buffer = buffer;
  }

  /** Points this view at a message of `length` bytes at the start of the buffer. */
  accept(length: number): void {
    if (length < fuse_in_header.size) throw new UnanswerableRequest(length);
    this.#length = length;
  }

  get opcode(): number {
    return this.#buffer.readUInt32LE(fuse_in_header.opcode);
  }

  /** The 8 raw bytes of `unique`: bit 63 marks a resent request and must be echoed, so no JavaScript number. */
  copyUnique(target: Buffer, at: number): void {
    this.#buffer.copy(target, at, fuse_in_header.unique, fuse_in_header.unique + 8);
  }

  get uniqueLow(): number {
    return this.#buffer.readUInt32LE(fuse_in_header.unique);
  }

  get uniqueHigh(): number {
    return this.#buffer.readUInt32LE(fuse_in_header.unique + 4);
  }

  get nodeidLow(): number {
    return this.#buffer.readUInt32LE(fuse_in_header.nodeid);
  }

  get nodeidHigh(): number {
    return this.#buffer.readUInt32LE(fuse_in_header.nodeid + 4);
  }

  /** Thread id of the caller in the pid namespace of whoever mounted; 0 where that namespace cannot see it. */
  get tid(): number {
    return this.#buffer.readUInt32LE(fuse_in_header.pid);
  }

  /** Bytes after the header. */
  get bodyBytes(): number {
    return this.#length - fuse_in_header.size;
  }

  get body(): Buffer {
    return this.#buffer.subarray(fuse_in_header.size, this.#length);
  }

  /** `getattr_flags` of a GETATTR request. */
  get getattrFlags(): number {
    return this.#buffer.readUInt32LE(fuse_in_header.size + fuse_getattr_in.getattr_flags);
  }

  /** `fh` of a GETATTR request that has FUSE_GETATTR_FH. */
  get getattrHandle(): FileHandle {
    return this.#handleAt(fuse_in_header.size + fuse_getattr_in.fh);
  }

  /** `fh` of READ and RELEASE; id 0 where the file was opened without us. */
  get handle(): FileHandle {
    return this.#handleAt(fuse_in_header.size + fuse_read_in.fh);
  }

  #handleAt(at: number): FileHandle {
    return { id: this.#buffer.readUInt32LE(at + 4), place: this.#buffer.readUInt32LE(at) };
  }

  /** `offset` of READ, READDIR and READDIRPLUS. Throws EINVAL beyond 2^53: no file or directory here is that long. */
  get readOffset(): number {
    const at = fuse_in_header.size + fuse_read_in.offset;
    const high = this.#buffer.readUInt32LE(at + 4);
    if (high >= 2 ** 21) throw new FuseError("EINVAL", `Cannot read at offset 0x${high.toString(16)}00000000`);
    return high * TWO_TO_32 + this.#buffer.readUInt32LE(at);
  }

  /** `size` of READ, READDIR and READDIRPLUS, in bytes. */
  get readSize(): number {
    return this.#buffer.readUInt32LE(fuse_in_header.size + fuse_read_in.sizeField);
  }

  /** The NUL-terminated name of a LOOKUP. Throws EINVAL for none, an unterminated or an empty one, ENAMETOOLONG. */
  get name(): string {
    const { body } = this;
    const end = body.indexOf(0);
    if (end <= 0) throw new FuseError("EINVAL", "The name in a LOOKUP is empty or not terminated");
    if (end > NAME_MAX_BYTES) throw new FuseError("ENAMETOOLONG", `A name of ${end} bytes, ${NAME_MAX_BYTES} allowed`);
    return body.toString("latin1", 0, end);
  }
}
