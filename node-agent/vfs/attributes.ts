// What stat(2) shows of files and directories.

import type { Attributes } from "../fuse/reply.ts";
import type { Generation } from "./generation.ts";
import { type ContainerKey, nodeidHigh, nodeidLow } from "./node-id.ts";
import type { Node } from "./tree.ts";

/** Names and attributes of directories are the same for everyone and never change. */
export const DIRECTORY_VALID_MILLIS = 60_000;

export function fileAttributes(key: ContainerKey, node: Node, generation: Generation): Attributes {
  return {
    nodeidHigh: nodeidHigh(key),
    nodeidLow: nodeidLow(key, node.index),
    directory: false,
    permissions: node.permissions,
    sizeBytes: generation.sizeBytes,
    mtimeSeconds: Math.floor(generation.mtimeMillis / 1000),
    mtimeNanos: (generation.mtimeMillis % 1000) * 1_000_000 + (generation.generation % 1_000_000),
    validMillis: generation.validMillis,
    entryValidMillis: 0,
  };
}

export function directoryAttributes(key: ContainerKey, node: Node, entryValidMillis: number): Attributes {
  return {
    nodeidHigh: nodeidHigh(key),
    nodeidLow: nodeidLow(key, node.index),
    directory: true,
    permissions: node.permissions,
    sizeBytes: 0,
    mtimeSeconds: Math.floor(Date.now() / 1000),
    mtimeNanos: 0,
    validMillis: DIRECTORY_VALID_MILLIS,
    entryValidMillis,
  };
}
