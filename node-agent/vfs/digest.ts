// Tells contents apart at a glance: 64 bits, of two hashes that have nothing in common. By chance two contents have the same
// digest once in 2^64 renderings, and then the older is shown until the next.

const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;
/** Of MurmurHash3's finalizer, as are the bits that are mixed in. */
const MURMUR_FACTOR = 0x85ebca6b;
const MURMUR_SHIFT = 13;

export class Digest {
  /** Never 0. */
  low = 0;
  high = 0;
  #content: Uint8Array | undefined;

  /** Becomes the digest of that content, which may be asked for twice and must not have changed in between. */
  take(content: Uint8Array): void {
    if (content === this.#content) return;
    let low = FNV_OFFSET;
    let high = MURMUR_FACTOR;
    for (let at = 0; at < content.length; at += 1) {
      const byte = content[at] as number;
      low = Math.imul(low ^ byte, FNV_PRIME);
      high = Math.imul(high ^ byte, MURMUR_FACTOR);
      high ^= high >>> MURMUR_SHIFT;
    }
    this.low = low >>> 0 || 1;
    this.high = high >>> 0;
    this.#content = content;
  }
}
