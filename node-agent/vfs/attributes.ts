// What stat(2) shows of files, directories and symbolic links.

import { S_IFDIR, S_IFLNK, S_IFREG } from "../fuse/abi.ts";
import type { Attributes } from "../fuse/reply.ts";
import type { Generation } from "./generation.ts";
import { type ContainerKey, nodeidHigh, nodeidLow } from "./node-id.ts";
import type { Node, NodeType } from "./tree.ts";

/** Names lead to the same node for everyone, for ever; so do attributes of what is no file. */
const NAME_VALID_MILLIS = 60_000;

export const FILE_TYPES: Readonly<Record<NodeType, number>> = { file: S_IFREG, directory: S_IFDIR, symlink: S_IFLNK };

/** CPUs come and go with limits; all else stays what it is. */
export function nameValidMillis({ cpu }: Node): number {
  return cpu === undefined ? NAME_VALID_MILLIS : 0;
}

export function fileAttributes(key: ContainerKey, node: Node, generation: Generation): Attributes {
  return {
    nodeidHigh: nodeidHigh(key),
    nodeidLow: nodeidLow(key, node.index),
    fileType: FILE_TYPES[node.type],
    permissions: node.permissions,
    sizeBytes: generation.sizeBytes,
    mtimeSeconds: Math.floor(generation.mtimeMillis / 1000),
    mtimeNanos: (generation.mtimeMillis % 1000) * 1_000_000 + (generation.generation % 1_000_000),
    validMillis: generation.validMillis,
    entryValidMillis: nameValidMillis(node),
  };
}

/** Of a directory or a symbolic link, whose length is nobody's business, as with those of the kernel's /proc. */
export function attributesOf(key: ContainerKey, node: Node, entryValidMillis: number): Attributes {
  return {
    nodeidHigh: nodeidHigh(key),
    nodeidLow: nodeidLow(key, node.index),
    fileType: FILE_TYPES[node.type],
    permissions: node.permissions,
    sizeBytes: 0,
    mtimeSeconds: Math.floor(Date.now() / 1000),
    mtimeNanos: 0,
    validMillis: NAME_VALID_MILLIS,
    entryValidMillis,
  };
}
