// How a thread of a server answers later, and what it does to the kernel's cache meanwhile.

import { invalidateInode, requestNotifyReply, storePages } from "../fuse/device.ts";
import { LateReplies } from "../fuse/late-reply.ts";
import type { Deferral } from "../vfs/file-system.ts";
import type { Journal } from "./journal.ts";
import { FUSE_FD } from "./server-options.ts";

/** What the workers of a server share of it. */
export interface SharedDeferral {
  /** One word: how many of them may be waiting for the kernel's pages. */
  waiting: SharedArrayBuffer;
  workers: number;
}

/**
 * `tell.waits` is told of files that somebody waits for. A thread that reads no requests shares nothing; it alone may drop pages:
 * the kernel waits until they are not locked, which is until somebody has answered the READ that fills them.
 */
export function createDeferral(
  tell: Pick<Deferral, "waits" | "passed">,
  journal: Journal | undefined,
  shared?: SharedDeferral,
): Deferral {
  const late = new LateReplies(FUSE_FD);
  /** As with dropping, one worker stays free to answer. Returns false where that would be this one. */
  const mayWait = (change: () => boolean): boolean => {
    if (shared === undefined) return change();
    const waiting = new Int32Array(shared.waiting);
    try {
      return Atomics.add(waiting, 0, 1) < shared.workers - 1 && change();
    } finally {
      Atomics.sub(waiting, 0, 1);
    }
  };
  return {
    mayDropPages: shared === undefined,
    mayWait: () => journal?.hasRoom() ?? true,
    ...tell,
    raise: (barrier, { high, low }) => requestNotifyReply(FUSE_FD, barrier, high, low),
    storePages: ({ high, low }, content) => mayWait(() => storePages(FUSE_FD, high, low, content)),
    dropPages: ({ high, low }) => invalidateInode(FUSE_FD, high, low, true),
    dropAttributes: ({ high, low }) => invalidateInode(FUSE_FD, high, low, false),
    release: (request, attributes) => {
      late.send(request, attributes);
      journal?.answeredLate(request.uniqueLow, request.uniqueHigh);
    },
  };
}
