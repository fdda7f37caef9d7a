// Node ids: 64 bits that say which container and which file, so that any server, also a successor that never handed
// them out, knows what they mean. Bits 0-19 are the file's index in the tree, bits 20-63 the container key.

const INDEX_BITS = 20;
const INDEX_MASK = (1 << INDEX_BITS) - 1;
/** What of the container key stands in the low word. */
const KEY_LOW = 2 ** (32 - INDEX_BITS);

/** Names a container for as long as it exists; 0 is the host. At most 44 bits. See container/container-key.ts. */
export type ContainerKey = number;
export interface NodeId {
  high: number;
  low: number;
}

export const HOST_KEY: ContainerKey = 0;

export function nodeidHigh(key: ContainerKey): number {
  return Math.floor(key / KEY_LOW);
}

export function nodeidLow(key: ContainerKey, index: number): number {
  return (((key % KEY_LOW) << INDEX_BITS) | index) >>> 0;
}

export function keyOf(high: number, low: number): ContainerKey {
  return high * KEY_LOW + (low >>> INDEX_BITS);
}

export function indexOf(low: number): number {
  return low & INDEX_MASK;
}
