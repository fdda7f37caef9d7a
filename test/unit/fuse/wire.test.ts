// Bytes in, bytes out. Each row of hex carries the name of its field.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { writeInitReply } from "../../../node-agent/fuse/init.ts";
import { type Attributes, Reply } from "../../../node-agent/fuse/reply.ts";
import { Request, UnanswerableRequest } from "../../../node-agent/fuse/request.ts";
import { traceLine } from "../../../node-agent/fuse/trace.ts";
import { body, message } from "../../fuse-messages.ts";

function hex(...rows: string[]): Buffer {
  return Buffer.from(rows.join("").replace(/\s/g, ""), "hex");
}

function accepted(bytes: Buffer): Request {
  const buffer = Buffer.alloc(16_384);
  bytes.copy(buffer);
  const request = new Request(buffer);
  request.accept(bytes.length);
  return request;
}

const LOOKUP = hex(
  "30000000", // len 48
  "01000000", // opcode LOOKUP
  "0200000000000080", // unique 2, resent
  "0200d00200000000", // nodeid
  "00000000", // uid
  "00000000", // gid
  "92100000", // pid 4242
  "0000 0000", // total_extlen, padding
  "6d656d696e666f00", // "meminfo"
);

test("Request reads the header of a LOOKUP", () => {
  const request = accepted(LOOKUP);
  assert.equal(request.opcode, 1);
  assert.equal(request.nodeidLow, 0x02d00002);
  assert.equal(request.nodeidHigh, 0);
  assert.equal(request.tid, 4242);
  assert.equal(request.name, "meminfo");
});

test("Reply echoes the raw bytes of unique, bit 63 included", () => {
  const reply = new Reply(4096);
  reply.empty(accepted(LOOKUP), 2);
  assert.deepEqual(
    reply.buffer.subarray(0, reply.length),
    hex(
      "10000000", // len 16
      "feffffff", // error -ENOENT
      "0200000000000080", // unique
    ),
  );
});

test("Request refuses every prefix of a header", () => {
  for (let length = 0; length < 40; length += 1) {
    assert.throws(() => accepted(LOOKUP.subarray(0, length)), UnanswerableRequest);
  }
});

describe("Request.name", () => {
  const names: readonly [string, Buffer, RegExp][] = [
    ["empty", hex("0000"), /EINVAL/],
    ["not terminated", hex("6d65"), /EINVAL/],
    ["too long", Buffer.concat([Buffer.alloc(256, 97), hex("00")]), /ENAMETOOLONG/],
  ];
  for (const [what, bytes, error] of names) {
    test(`${what} is an error`, () => assert.throws(() => accepted(message({ opcode: 1, body: bytes })).name, error));
  }
});

test("Request.readOffset refuses what a number cannot hold", () => {
  assert.equal(accepted(message({ opcode: 15, body: body.read(2n ** 52n, 1) })).readOffset, 2 ** 52);
  assert.throws(() => accepted(message({ opcode: 15, body: body.read(2n ** 53n, 1) })).readOffset, /EINVAL/);
});

const FILE: Attributes = {
  nodeidHigh: 1,
  nodeidLow: 0x02d00023,
  fileType: 0o100000,
  permissions: 0o444,
  sizeBytes: 1503,
  mtimeSeconds: 0x6921aabb,
  mtimeNanos: 5_000_007,
  validMillis: 1250,
  entryValidMillis: 0,
};

test("Reply.entry() lays out fuse_entry_out", () => {
  const reply = new Reply(4096);
  reply.entry(accepted(LOOKUP), FILE);
  const attr = [
    "2300d00201000000", // ino
    "df05000000000000", // size 1503
    "0300000000000000", // blocks
    "bbaa216900000000", // atime
    "bbaa216900000000", // mtime
    "bbaa216900000000", // ctime
    "474b4c00 474b4c00 474b4c00", // atimensec mtimensec ctimensec
    "24810000", // mode 0100444
    "01000000", // nlink
    "00000000 00000000", // uid gid
    "00000000", // rdev
    "00100000", // blksize
    "00000000", // flags
  ];
  assert.deepEqual(
    reply.buffer.subarray(0, reply.length),
    hex(
      "90000000 00000000 0200000000000080", // len 144, error 0, unique
      "2300d00201000000", // nodeid
      "0000000000000000", // generation
      "0000000000000000", // entry_valid
      "0100000000000000", // attr_valid 1 s
      "00000000", // entry_valid_nsec
      "80b2e60e", // attr_valid_nsec 250 ms
      ...attr,
    ),
  );
});

test("Reply.attributes() lays out fuse_attr_out of a directory", () => {
  const reply = new Reply(4096);
  reply.attributes(accepted(LOOKUP), { ...FILE, fileType: 0o040000, permissions: 0o555 });
  assert.equal(reply.length, 16 + 104);
  assert.equal(reply.body.readUInt32LE(16 + 60), 0o040555);
  assert.equal(reply.body.readUInt32LE(16 + 64), 2);
});

describe("Reply.directory()", () => {
  const entries = [
    { name: ".", nodeidHigh: 0, nodeidLow: 2, fileType: 0o040000 },
    { name: "meminfo", nodeidHigh: 0, nodeidLow: 35, fileType: 0o100000 },
    { name: "uptime", nodeidHigh: 0, nodeidLow: 40, fileType: 0o100000 },
  ];
  const listing = (offset: bigint, size: number, plus = false): Buffer => {
    const reply = new Reply(4096);
    reply.directory(accepted(message({ opcode: 28, body: body.read(offset, size) })), entries, plus);
    return Buffer.from(reply.buffer.subarray(16, reply.length));
  };

  test("pads records to eight bytes and numbers the next", () => {
    assert.deepEqual(
      listing(1n, 4096),
      hex(
        "2300000000000000 0200000000000000 07000000 08000000 6d656d696e666f 00", // ino, off, namelen, type, name
        "2800000000000000 0300000000000000 06000000 08000000 757074696d65 0000",
      ),
    );
  });
  test("stops before a record that does not fit", () => {
    assert.equal(listing(0n, 63).length, 32);
    assert.equal(listing(0n, 31).length, 0);
  });
  test("is empty at the end", () => assert.equal(listing(3n, 4096).length, 0));
  test("carries no attributes with READDIRPLUS", () => {
    const plus = listing(1n, 4096, true);
    assert.equal(plus.length, 160 + 160);
    assert.equal(plus.readBigUInt64LE(0), 0n);
    assert.equal(plus.toString("latin1", 152, 159), "meminfo");
  });
});

describe("writeInitReply()", () => {
  const offer = { major: 7, minor: 45, maxReadaheadBytes: 131_072, flags: 0x73fffffb | 0, flags2: 0x5fd };
  const out = Buffer.alloc(64);

  test("takes only the flags it uses of what Linux 6.18 offers", () => {
    assert.equal(writeInitReply(offer, out), 64);
    assert.equal(out.readUInt32LE(4), 38); // minor: the older of the two
    assert.equal(out.readUInt32LE(12), (1 << 0) | (1 << 12) | (1 << 18) | (1 << 21) | (1 << 22) | (1 << 30));
    assert.equal(out.readUInt32LE(32), 1 << 8); // FUSE_ALLOW_IDMAP
  });
  test("asks for nothing that Linux 6.1 does not offer", () => {
    writeInitReply({ ...offer, minor: 38, flags2: 0 }, out);
    assert.equal(out.readUInt32LE(32), 0);
  });
  test("answers a newer major with its own alone", () => {
    writeInitReply({ ...offer, major: 8 }, out);
    assert.equal(out.readUInt32LE(0), 7);
    assert.equal(out.readUInt32LE(12), 0);
  });
  test("refuses a kernel whose structures are smaller", () => {
    assert.throws(() => writeInitReply({ ...offer, minor: 30 }, out), /EPROTO.*7\.30 is older than 7\.31/);
  });
});

test("traceLine() names opcode, node, caller and outcome", () => {
  const request = accepted(LOOKUP);
  const reply = new Reply(4096);
  reply.empty(request, 38);
  assert.equal(traceLine(request, reply), "LOOKUP n2d00002 meminfo t4242 = ENOSYS");
});
