// Tells contents apart at a glance.

const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/** FNV-1a of 32 bits, never 0. Two contents with different digests are different; with the same they need not be the same. */
export function digestOf(content: Uint8Array): number {
  let hash = FNV_OFFSET;
  for (let at = 0; at < content.length; at += 1) hash = Math.imul(hash ^ (content[at] as number), FNV_PRIME);
  return hash >>> 0 || 1;
}
