// How a thread of a server answers later: what is dropped from the kernel's cache, and who gets the answer.

import { invalidateInode } from "../fuse/device.ts";
import { LateReplies } from "../fuse/late-reply.ts";
import type { Deferral } from "../vfs/file-system.ts";
import type { Journal } from "./journal.ts";
import { FUSE_FD } from "./server-options.ts";

/**
 * `waits` is told of files that somebody waits for. A worker may drop no pages: the kernel waits until they are not locked,
 * which is until somebody has answered the READ that fills them, and all who could may be waiting likewise.
 */
export function createDeferral(
  thread: "worker" | "main",
  waits: Deferral["waits"],
  journal: Journal | undefined,
): Deferral {
  const late = new LateReplies(FUSE_FD);
  return {
    mayDropPages: thread === "main",
    waits,
    dropPages: ({ high, low }) => invalidateInode(FUSE_FD, high, low, true),
    dropAttributes: ({ high, low }) => invalidateInode(FUSE_FD, high, low, false),
    release: (request, attributes) => {
      late.send(request, attributes);
      journal?.answeredLate(request.uniqueLow, request.uniqueHigh);
    },
  };
}
