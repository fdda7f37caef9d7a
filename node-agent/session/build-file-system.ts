// Puts a file system together from what the threads of a server share. Each thread has one of its own.

import { Containers } from "../container/containers.ts";
import { findHierarchies } from "../container/hierarchies.ts";
import { ContainerResolver } from "../container/resolve-container.ts";
import { ContainerContents, type ContentsObserver } from "../container-contents.ts";
import { HostFiles } from "../host/host-files.ts";
import { Ledger, type SharedLedger } from "../ledger/ledger.ts";
import { FileRenderer } from "../render/render-file.ts";
import { type Deferral, FileSystem } from "../vfs/file-system.ts";
import { Generations, monotonicMillis, type SharedGenerations } from "../vfs/generations.ts";
import { Tree } from "../vfs/tree.ts";
import { type ServerOptions, STATE_FD } from "./server-options.ts";

export interface ServerData {
  options: ServerOptions;
  generations: SharedGenerations;
  ledger: SharedLedger;
  cpuinfo32: string | undefined;
  /** Counts the changes of limits seen. */
  limitsEpoch: SharedArrayBuffer;
}

export function buildFileSystem(
  { options, generations, ledger, cpuinfo32, limitsEpoch }: ServerData,
  observer: ContentsObserver,
  deferral: Deferral,
): FileSystem {
  const files = new HostFiles(options.roots);
  const containers = new Containers(files, new ContainerResolver(files, findHierarchies(files)));
  const renderer = new FileRenderer(files, new Ledger(ledger, STATE_FD), {
    view: options.view,
    now: monotonicMillis,
    cpuinfo32,
    limitsEpoch: new Int32Array(limitsEpoch),
  });
  const contents = new ContainerContents(files, containers, renderer, observer, options.freshnessMillis);
  return new FileSystem(new Tree(new Set(options.files)), new Generations(generations, STATE_FD), contents, deferral);
}
