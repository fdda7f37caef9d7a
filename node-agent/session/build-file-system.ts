// Puts a file system together from what the threads of a server share. Each thread has one of its own.

import { Containers } from "../container/containers.ts";
import { findHierarchies } from "../container/hierarchies.ts";
import { ContainerResolver } from "../container/resolve-container.ts";
import type { ContentsObserver } from "../container-contents.ts";
import { HostFiles } from "../host/host-files.ts";
import { Ledger, type SharedLedger } from "../ledger/ledger.ts";
import { FileRenderer } from "../render-file.ts";
import { type Deferral, FileSystem } from "../vfs/file-system.ts";
import { Generations, monotonicMillis, type SharedGenerations } from "../vfs/generations.ts";
import { Tree } from "../vfs/tree.ts";
import { CountedContents } from "./counted-contents.ts";
import type { Recorder } from "./recorder.ts";
import { type ServerOptions, STATE_FD } from "./server-options.ts";

export interface ServerData {
  options: ServerOptions;
  /** The kernel does not send again what was not answered: workers keep a journal. */
  journal: boolean;
  figures: SharedArrayBuffer;
  /** One word: not 0 once workers are to read no more. */
  draining: SharedArrayBuffer;
  generations: SharedGenerations;
  ledger: SharedLedger;
  cpuinfo32: string | undefined;
}

export function buildFileSystem(
  { options, generations, ledger, cpuinfo32 }: ServerData,
  observer: ContentsObserver,
  deferral: Deferral,
  recorder: Recorder,
): FileSystem {
  const files = new HostFiles(options.roots);
  const containers = new Containers(files, new ContainerResolver(files, findHierarchies(files)));
  const renderer = new FileRenderer(files, options.view, new Ledger(ledger, STATE_FD), monotonicMillis, cpuinfo32);
  const contents = new CountedContents(files, containers, renderer, observer, options.freshnessMillis);
  contents.recorder = recorder;
  return new FileSystem(new Tree(new Set(options.files)), new Generations(generations, STATE_FD), contents, deferral);
}
