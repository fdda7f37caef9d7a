// Answers requests that nobody made, before a process serves. Code that runs for the first time is compiled first, and
// again when it turns out to be hot; what is known of a container, and kept open of it, is found when it is first asked
// for. All that readers wait at once for whoever begins to serve: they do not for this, as long as the keeper stands in.

import { closeSync } from "node:fs";
import { fuse_getattr_in, fuse_in_header, fuse_read_in } from "../fuse/abi.ts";
import { slotIn } from "../fuse/inbox.ts";
import { FUSE_GETATTR, FUSE_READ } from "../fuse/opcodes.ts";
import type { FuseOperations } from "../fuse/operations.ts";
import { Reply } from "../fuse/reply.ts";
import { answer } from "../fuse/session.ts";
import type { Deferral, FileSystem } from "../vfs/file-system.ts";
import { Generations, monotonicMillis } from "../vfs/generations.ts";
import type { NodeId } from "../vfs/node-id.ts";
import { OpenedFiles, shareOpenedFiles } from "../vfs/opened-files.ts";
import { shareGenerations } from "../vfs/shared-generations.ts";
import type { WarmUpOrder } from "../vfs/warm-up-order.ts";

/** The keeper shows what was: not for much longer than a start takes anyway. */
const LIMIT_MILLIS = 1000;
const READ_BYTES = 4096;

/** The kernel hears of nothing. */
const NOBODY: Deferral = {
  mayDropPages: false,
  mayWait: () => false,
  waits: () => undefined,
  dropPages: () => undefined,
  dropAttributes: () => undefined,
  storePages: () => false,
  release: () => undefined,
  raise: () => false,
  passed: () => undefined,
};

/**
 * Rehearses with all files that a predecessor showed. `scratchFd` is an empty file in memory, to be had by this thread alone:
 * no rendering of now is to be found where the keeper and the successor find theirs. `failed` is told of bugs.
 */
export function rehearse(fileSystem: FileSystem, scratchFd: number, failed: (error: unknown) => void): void {
  const shared = shareGenerations(scratchFd);
  const aside = fileSystem.aside({
    generations: new Generations(shared, scratchFd, false),
    opened: new OpenedFiles(shareOpenedFiles(shared, scratchFd, false, 1), scratchFd, NOBODY),
    deferral: NOBODY,
  });
  askForAll(fileSystem.warmUpOrder(), aside, failed, monotonicMillis);
  closeSync(scratchFd);
}

/** As whoever reads a file: its attributes, the file, its attributes. `now` tells milliseconds. */
export function askForAll(
  { first, others }: WarmUpOrder,
  operations: FuseOperations,
  failed: (error: unknown) => void,
  now: () => number,
): void {
  const { buffer, request } = slotIn(Buffer.alloc(fuse_in_header.size + fuse_read_in.size));
  const reply = new Reply(READ_BYTES);
  const session = { operations, observer: { answered: () => undefined, failed } };
  buffer.writeUInt32LE(process.pid, fuse_in_header.pid);
  buffer.writeUInt32LE(READ_BYTES, fuse_in_header.size + fuse_read_in.sizeField);

  const ask = (opcode: number, { high, low }: NodeId, bodyBytes: number): void => {
    buffer.writeUInt32LE(opcode, fuse_in_header.opcode);
    buffer.writeUInt32LE(low, fuse_in_header.nodeid);
    buffer.writeUInt32LE(high, fuse_in_header.nodeid + 4);
    answer(session, request, reply, fuse_in_header.size + bodyBytes);
  };
  const read = (node: NodeId): void => {
    ask(FUSE_GETATTR, node, fuse_getattr_in.size);
    ask(FUSE_READ, node, fuse_read_in.size);
    ask(FUSE_GETATTR, node, fuse_getattr_in.size);
  };

  for (const node of first) read(node);
  const end = now() + LIMIT_MILLIS;
  for (const node of others) {
    if (now() > end) return;
    read(node);
  }
}
