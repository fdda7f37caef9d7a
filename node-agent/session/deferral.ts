// How a thread of a server answers later, and what it does to the kernel's cache meanwhile.

import { invalidateInode, storePages } from "../fuse/device.ts";
import { LateReplies } from "../fuse/late-reply.ts";
import type { Deferral } from "../vfs/file-system.ts";
import type { Journal } from "./journal.ts";
import { FUSE_FD } from "./server-options.ts";

/** What all threads of a server share of it. */
export interface SharedDeferral {
  /** One word: how many workers wait for the kernel's pages. */
  storing: SharedArrayBuffer;
  workers: number;
}

/** `waits` is told of files that somebody waits for. */
export function createDeferral(
  waits: Deferral["waits"],
  journal: Journal | undefined,
  shared: SharedDeferral,
): Deferral {
  const late = new LateReplies(FUSE_FD);
  const storing = new Int32Array(shared.storing);
  return {
    waits,
    dropPages: ({ high, low }) => invalidateInode(FUSE_FD, high, low, true),
    dropAttributes: ({ high, low }) => invalidateInode(FUSE_FD, high, low, false),
    // A page may be locked by a reader whose READ nobody has read yet: one worker stays free to answer it.
    storePages: ({ high, low }, content) => {
      try {
        return Atomics.add(storing, 0, 1) < shared.workers - 1 && storePages(FUSE_FD, high, low, content);
      } finally {
        Atomics.sub(storing, 0, 1);
      }
    },
    release: (request, attributes) => {
      late.send(request, attributes);
      journal?.answeredLate(request.uniqueLow, request.uniqueHigh);
    },
  };
}
