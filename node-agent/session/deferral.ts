// How a thread of a server answers later: what is dropped from the kernel's cache, and who gets the answer.

import { invalidateInode } from "../fuse/device.ts";
import { LateReplies } from "../fuse/late-reply.ts";
import type { Deferral } from "../vfs/file-system.ts";
import type { Journal } from "./journal.ts";
import { FUSE_FD } from "./server-options.ts";

/** `waits` is told of files that somebody waits for. */
export function createDeferral(waits: Deferral["waits"], journal: Journal | undefined): Deferral {
  const late = new LateReplies(FUSE_FD);
  return {
    waits,
    dropPages: ({ high, low }) => invalidateInode(FUSE_FD, high, low, true),
    dropAttributes: ({ high, low }) => invalidateInode(FUSE_FD, high, low, false),
    release: (request, attributes) => {
      late.send(request, attributes);
      journal?.answeredLate(request.uniqueLow, request.uniqueHigh);
    },
  };
}
