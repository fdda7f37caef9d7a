// A worker thread: reads requests from the device and answers them, blocking, until the file system is unmounted.

import { writeSync } from "node:fs";
import { flushCompileCache } from "node:module";
import { parentPort, workerData } from "node:worker_threads";
import { invalidateInode } from "../fuse/device.ts";
import { LateReplies } from "../fuse/late-reply.ts";
import { serve } from "../fuse/session.ts";
import { traceLine } from "../fuse/trace.ts";
import { buildFileSystem, type ServerData } from "./build-file-system.ts";
import { observerFor, type WorkerMessage } from "./messages.ts";
import { FUSE_FD } from "./server-options.ts";

const STDERR_FD = 2;

const data = workerData as ServerData;
const tell = (message: WorkerMessage): void => parentPort?.postMessage(message);
const late = new LateReplies(FUSE_FD);
const operations = buildFileSystem(data, observerFor(tell), {
  waits: ({ high, low }) => tell({ type: "waits", high, low }),
  dropPages: ({ high, low }) => invalidateInode(FUSE_FD, high, low, true),
  dropAttributes: ({ high, low }) => invalidateInode(FUSE_FD, high, low, false),
  release: (request, attributes) => late.send(request, attributes),
});

tell({ type: "serving" });
// Normally written at the end of a process, which for this one is a kill.
flushCompileCache();
serve({
  fd: FUSE_FD,
  operations,
  observer: {
    answered: (request, reply) => {
      // At once: what a worker writes to process.stderr passes through the main thread, and is lost with it.
      if (data.options.trace) writeSync(STDERR_FD, `${traceLine(request, reply)}\n`);
    },
    failed: (error) => tell({ type: "failed", reason: error instanceof Error ? (error.stack ?? "") : String(error) }),
  },
});
