// A worker thread: reads requests from the device and answers them, blocking, until the file system is unmounted.

import { writeSync } from "node:fs";
import { flushCompileCache } from "node:module";
import { parentPort, workerData } from "node:worker_threads";
import { Containers } from "../container/containers.ts";
import { findHierarchies } from "../container/hierarchies.ts";
import { ContainerResolver } from "../container/resolve-container.ts";
import { ContainerContents } from "../container-contents.ts";
import { serve } from "../fuse/session.ts";
import { traceLine } from "../fuse/trace.ts";
import { HostFiles } from "../host/host-files.ts";
import { Ledger, type SharedLedger } from "../ledger/ledger.ts";
import { FileRenderer } from "../render-file.ts";
import { FileSystem } from "../vfs/file-system.ts";
import { Generations, monotonicMillis, type SharedGenerations } from "../vfs/generations.ts";
import { Tree } from "../vfs/tree.ts";
import type { WorkerMessage } from "./messages.ts";
import { FUSE_FD, type ServerOptions, STATE_FD } from "./server-options.ts";

export interface WorkerData {
  options: ServerOptions;
  generations: SharedGenerations;
  ledger: SharedLedger;
  cpuinfo32: string | undefined;
}

const STDERR_FD = 2;

const { options, generations, ledger, cpuinfo32 } = workerData as WorkerData;
const tell = (message: WorkerMessage): void => parentPort?.postMessage(message);

const files = new HostFiles(options.roots);
const containers = new Containers(files, new ContainerResolver(files, findHierarchies(files)));
const renderer = new FileRenderer(files, options.view, new Ledger(ledger, STATE_FD), monotonicMillis, cpuinfo32);
const observer = {
  met: ({ key }: { key: number }) => tell({ type: "met", key }),
  renderFailed: (path: string, error: unknown, served: "last good" | "fallback") =>
    tell({ type: "renderFailed", path, reason: String(error), served }),
};
const contents = new ContainerContents(files, containers, renderer, observer, options.freshnessMillis);
const operations = new FileSystem(new Tree(new Set(options.files)), new Generations(generations, STATE_FD), contents);

tell({ type: "serving" });
// Normally written at the end of a process, which for this one is a kill.
flushCompileCache();
serve({
  fd: FUSE_FD,
  operations,
  observer: {
    answered: (request, reply) => {
      // At once: what a worker writes to process.stderr passes through the main thread, and is lost with it.
      if (options.trace) writeSync(STDERR_FD, `${traceLine(request, reply)}\n`);
    },
    failed: (error) => tell({ type: "failed", reason: error instanceof Error ? (error.stack ?? "") : String(error) }),
  },
});
