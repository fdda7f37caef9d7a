// A worker thread: reads requests from the device and answers them, blocking, until the file system is unmounted. It is
// started ahead of time, with its modules loaded, and begins when it is given what to serve.

import { once } from "node:events";
import { flushCompileCache } from "node:module";
import { parentPort, workerData } from "node:worker_threads";
import { serve } from "../fuse/session.ts";
import { traceLine } from "../fuse/trace.ts";
import { buildFileSystem, type ServerData } from "./build-file-system.ts";
import { createDeferral } from "./deferral.ts";
import { figuresOf } from "./figures.ts";
import type { Journal } from "./journal.ts";
import { observerFor, type WorkerMessage } from "./messages.ts";
import { Recorder } from "./recorder.ts";
import { rehearse } from "./rehearsal.ts";
import { FUSE_FD, JOURNAL_FD } from "./server-options.ts";
import { TraceWriter } from "./trace-writer.ts";

const { worker } = workerData as { worker: number };
const [data] = (await once(parentPort as NonNullable<typeof parentPort>, "message")) as [ServerData];
const tell = (message: WorkerMessage): void => parentPort?.postMessage(message);
const failed = (error: unknown): void =>
  tell({ type: "failed", reason: error instanceof Error ? (error.stack ?? "") : String(error) });
const recorder = new Recorder(figuresOf(data.figures, worker));
const draining = new Int32Array(data.draining);
const trace = data.options.trace ? new TraceWriter() : undefined;
const journal = data.journal ? await openJournal() : undefined;
const operations = buildFileSystem(
  data,
  observerFor(tell, recorder),
  createDeferral(
    { waits: ({ high, low }) => tell({ type: "waits", high, low }), passed: () => tell({ type: "passed" }) },
    journal,
    data.deferral,
  ),
  recorder,
);

/** Loaded only where it is needed: it brings native code with it. */
async function openJournal(): Promise<Journal | undefined> {
  const { Journal: Opened } = await import("./journal.ts");
  return Opened.hasRoomFor(worker) ? new Opened(JOURNAL_FD, worker, data.options.workers) : undefined;
}

const scratchFd = data.scratchFds[worker];
if (scratchFd !== undefined) rehearse(operations, scratchFd, failed);
// Normally written at the end of a process, which for this one is a kill.
flushCompileCache();
tell({ type: "prepared" });
Atomics.wait(new Int32Array(data.serving), 0, 0);
tell({ type: "serving" });
const end = serve({
  fd: FUSE_FD,
  operations,
  ...(journal && { inbox: journal }),
  isDraining: () => Atomics.load(draining, 0) !== 0,
  observer: {
    received: () => recorder.received(),
    answered: (request, reply) => {
      recorder.answered(request, reply);
      trace?.line(traceLine(request, reply));
    },
    failed,
  },
});
if (end === "drained") tell({ type: "drained" });
