// FUSE messages as a kernel writes them, for tests: built field by field, offsets as in include/uapi/linux/fuse.h.

const HEADER_BYTES = 40;

export interface MessageFields {
  opcode: number;
  unique?: bigint;
  nodeid?: bigint;
  tid?: number;
  body?: Buffer;
}

/** One request, header and body. */
export function message({
  opcode,
  unique = 2n,
  nodeid = 1n,
  tid = 4242,
  body = Buffer.alloc(0),
}: MessageFields): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt32LE(HEADER_BYTES + body.length, 0); // len
  header.writeUInt32LE(opcode, 4); // opcode
  header.writeBigUInt64LE(unique, 8); // unique
  header.writeBigUInt64LE(nodeid, 16); // nodeid
  header.writeUInt32LE(tid, 32); // pid
  return Buffer.concat([header, body]);
}

export const body = {
  init(flags: number, flags2: number, minor = 45): Buffer {
    const bytes = Buffer.alloc(64);
    bytes.writeUInt32LE(7, 0); // major
    bytes.writeUInt32LE(minor, 4); // minor
    bytes.writeUInt32LE(131_072, 8); // max_readahead
    bytes.writeUInt32LE(flags >>> 0, 12); // flags
    bytes.writeUInt32LE(flags2 >>> 0, 16); // flags2
    return bytes;
  },
  name: (text: string): Buffer => Buffer.from(`${text}\0`, "latin1"),
  getattr(flags: number): Buffer {
    const bytes = Buffer.alloc(16);
    bytes.writeUInt32LE(flags, 0); // getattr_flags
    return bytes;
  },
  read(offset: bigint, size: number): Buffer {
    const bytes = Buffer.alloc(40);
    bytes.writeBigUInt64LE(offset, 8); // offset
    bytes.writeUInt32LE(size, 16); // size
    return bytes;
  },
  zeros: (size: number): Buffer => Buffer.alloc(size),
};

/** Every opcode with a body that its handler takes. */
export const EVERY_REQUEST: readonly { name: string; bytes: Buffer }[] = [
  { name: "LOOKUP", bytes: message({ opcode: 1, body: body.name("proc") }) },
  { name: "LOOKUP of a file", bytes: message({ opcode: 1, nodeid: 2n, body: body.name("meminfo") }) },
  { name: "LOOKUP of a container", bytes: message({ opcode: 1, nodeid: 10n, body: body.name("77") }) },
  { name: "FORGET", bytes: message({ opcode: 2, body: body.zeros(8) }) },
  { name: "GETATTR", bytes: message({ opcode: 3, body: body.getattr(0) }) },
  { name: "GETATTR of a file", bytes: message({ opcode: 3, nodeid: 35n, body: body.getattr(1) }) },
  { name: "READLINK", bytes: message({ opcode: 5, nodeid: 11n }) },
  { name: "READ", bytes: message({ opcode: 15, nodeid: 35n, body: body.read(0n, 4096) }) },
  { name: "STATFS", bytes: message({ opcode: 17 }) },
  { name: "INIT", bytes: message({ opcode: 26, nodeid: 0n, body: body.init(0x73fffffb, 0x5fd) }) },
  { name: "READDIR", bytes: message({ opcode: 28, body: body.read(0n, 4096) }) },
  { name: "INTERRUPT", bytes: message({ opcode: 36, body: body.zeros(8) }) },
  { name: "BATCH_FORGET", bytes: message({ opcode: 42, nodeid: 0n, body: body.zeros(24) }) },
  { name: "READDIRPLUS", bytes: message({ opcode: 44, nodeid: 2n, body: body.read(0n, 4096) }) },
  ...Array.from({ length: 54 }, (_, opcode) => ({
    name: `opcode ${opcode}`,
    bytes: message({ opcode, nodeid: 35n, body: body.zeros(48) }),
  })),
];

export interface ReplyFields {
  length: number;
  error: number;
  unique: bigint;
  body: Buffer;
}

/** Reads a reply back as the kernel does. */
export function readReply(bytes: Buffer): ReplyFields {
  const length = bytes.readUInt32LE(0);
  return {
    length,
    error: Math.abs(bytes.readInt32LE(4)),
    unique: bytes.readBigUInt64LE(8),
    body: bytes.subarray(16, length),
  };
}
