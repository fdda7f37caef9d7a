// Puts a file system together from what the threads of a server share. Each thread has one of its own.

import { Containers } from "../container/containers.ts";
import { findHierarchies } from "../container/hierarchies.ts";
import { ContainerResolver } from "../container/resolve-container.ts";
import type { ContentsObserver, FreshnessMillis } from "../container-contents.ts";
import { HostFiles } from "../host/host-files.ts";
import { Ledger, type SharedLedger } from "../ledger/ledger.ts";
import { LimitsEpochs } from "../render/limits-epochs.ts";
import { PodCpuViews } from "../render/pod-cpu-views.ts";
import { FileRenderer } from "../render/render-file.ts";
import { type Deferral, FileSystem } from "../vfs/file-system.ts";
import { Generations, monotonicMillis } from "../vfs/generations.ts";
import { OpenedFiles, type SharedOpenedFiles } from "../vfs/opened-files.ts";
import type { SharedGenerations } from "../vfs/shared-generations.ts";
import { Tree } from "../vfs/tree.ts";
import { CountedContents } from "./counted-contents.ts";
import type { SharedDeferral } from "./deferral.ts";
import type { Recorder } from "./recorder.ts";
import { type ServerOptions, STATE_FD } from "./server-options.ts";

export interface ServerData {
  options: ServerOptions;
  /** Readers are answered meanwhile: each worker rehearses, with an empty file of its own. None where nobody stands in. */
  scratchFds: readonly number[];
  /** The kernel does not send again what was not answered: workers keep a journal. */
  journal: boolean;
  figures: SharedArrayBuffer;
  /** One word: not 0 once workers may read requests. */
  serving: SharedArrayBuffer;
  /** One word: not 0 once workers are to read no more. */
  draining: SharedArrayBuffer;
  generations: SharedGenerations;
  opened: SharedOpenedFiles;
  deferral: SharedDeferral;
  ledger: SharedLedger;
  cpuinfo32: string | undefined;
  /** render/limits-epochs.ts */
  limitsEpochs: SharedArrayBuffer;
  /** render/pod-cpu-views.ts */
  cpuViews: SharedArrayBuffer;
}

/** Until a change of limits is noticed; what changes without one, such as CPUs that come and go, is shown after that. */
const LIMITS_MILLIS = 5000;

function freshnessOf(sampledMillis: number, epochs: LimitsEpochs): FreshnessMillis {
  const noticed = sampledMillis > 0 && epochs.areWatched;
  return { sampled: sampledMillis, limits: noticed ? Math.max(LIMITS_MILLIS, sampledMillis) : sampledMillis };
}

export function buildFileSystem(
  { options, generations, opened, ledger, cpuinfo32, limitsEpochs, cpuViews }: ServerData,
  observer: ContentsObserver,
  deferral: Deferral,
  recorder: Recorder,
): FileSystem {
  const epochs = new LimitsEpochs(limitsEpochs);
  const files = new HostFiles(options.roots);
  const containers = new Containers(files, new ContainerResolver(files, findHierarchies(files)));
  const renderer = new FileRenderer(files, new Ledger(ledger, STATE_FD), {
    view: options.view,
    now: monotonicMillis,
    cpuinfo32,
    limitsEpochs: epochs,
    cpuViews: new PodCpuViews(cpuViews),
  });
  const freshness = (): FreshnessMillis => freshnessOf(options.freshnessMillis, epochs);
  const contents = new CountedContents(files, containers, renderer, observer, freshness);
  contents.recorder = recorder;
  return new FileSystem({
    tree: new Tree(new Set(options.files)),
    generations: new Generations(generations, STATE_FD, deferral.mayDropPages),
    opened: new OpenedFiles(opened, STATE_FD, deferral),
    contents,
    deferral,
  });
}
