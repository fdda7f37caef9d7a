// The INIT handshake: what the kernel offers, what this server takes of it.
// Follows Documentation/filesystems/fuse and include/uapi/linux/fuse.h (struct fuse_init_out).

import {
  FUSE_KERNEL_MINOR_VERSION,
  FUSE_KERNEL_VERSION,
  fuse_init_in,
  fuse_init_out,
  MAX_WRITE_BYTES,
  OLDEST_MINOR_VERSION,
} from "./abi.ts";
import { FuseError } from "./errno.ts";
import { WANTED } from "./flags/init.ts";

/** Pages a READ may ask for: 512 KiB hold the cpuinfo of some 300 CPUs in one request. */
const MAX_PAGES = 128;
const MAX_BACKGROUND = 64;
const CONGESTION_THRESHOLD = 48;

export interface InitOffer {
  major: number;
  minor: number;
  maxReadaheadBytes: number;
  /** Bits 0 to 31, and 32 to 63 where FUSE_INIT_EXT is among them. */
  flags: number;
  flags2: number;
}

/** Reads the body of an INIT request. */
export function parseInit(body: Buffer): InitOffer {
  return {
    major: body.readUInt32LE(fuse_init_in.major),
    minor: body.readUInt32LE(fuse_init_in.minor),
    maxReadaheadBytes: body.readUInt32LE(fuse_init_in.max_readahead),
    flags: body.readUInt32LE(fuse_init_in.flags),
    flags2: body.length >= fuse_init_in.flags2 + 4 ? body.readUInt32LE(fuse_init_in.flags2) : 0,
  };
}

/** Whether the kernel announced a flag, by its bit number. */
export function offers(offer: InitOffer, bit: number): boolean {
  const word = bit < 32 ? offer.flags : offer.flags2;
  return ((word >>> (bit % 32)) & 1) === 1;
}

/**
 * Writes the INIT reply into `body` and returns its length.
 * Throws EPROTO for a protocol this server does not speak. A newer major is answered with ours alone: the kernel then
 * asks again.
 */
export function writeInitReply(offer: InitOffer, body: Buffer): number {
  if (
    offer.major < FUSE_KERNEL_VERSION ||
    (offer.major === FUSE_KERNEL_VERSION && offer.minor < OLDEST_MINOR_VERSION)
  ) {
    throw new FuseError(
      "EPROTO",
      `FUSE protocol ${offer.major}.${offer.minor} is older than 7.${OLDEST_MINOR_VERSION}`,
    );
  }
  body.fill(0, 0, fuse_init_out.size);
  body.writeUInt32LE(FUSE_KERNEL_VERSION, fuse_init_out.major);
  body.writeUInt32LE(Math.min(offer.minor, FUSE_KERNEL_MINOR_VERSION), fuse_init_out.minor);
  if (offer.major > FUSE_KERNEL_VERSION) return fuse_init_out.size;
  let flags = 0;
  let flags2 = 0;
  for (const bit of WANTED) {
    if (!offers(offer, bit)) continue;
    if (bit < 32) flags |= 1 << bit;
    else flags2 |= 1 << (bit - 32);
  }
  body.writeUInt32LE(offer.maxReadaheadBytes, fuse_init_out.max_readahead);
  body.writeUInt32LE(flags >>> 0, fuse_init_out.flags);
  body.writeUInt32LE(flags2 >>> 0, fuse_init_out.flags2);
  body.writeUInt16LE(MAX_BACKGROUND, fuse_init_out.max_background);
  body.writeUInt16LE(CONGESTION_THRESHOLD, fuse_init_out.congestion_threshold);
  body.writeUInt32LE(MAX_WRITE_BYTES, fuse_init_out.max_write);
  body.writeUInt32LE(1, fuse_init_out.time_gran);
  body.writeUInt16LE(MAX_PAGES, fuse_init_out.max_pages);
  return fuse_init_out.size;
}
