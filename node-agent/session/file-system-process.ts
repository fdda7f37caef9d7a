// The process that answers the kernel. Its main thread starts the workers, samples load, and reports to the supervisor;
// it never reads the device itself. Started with ServerOptions as its one argument and the descriptors of that file.
// It loads all it needs, says that it is ready, and takes in what its predecessor left when that has ended. It reads from
// the connection only when it is told to serve: until then the keeper may stand in.

import { once } from "node:events";
import { flushCompileCache } from "node:module";
import type { Container } from "../container/container.ts";
import { Containers } from "../container/containers.ts";
import { findHierarchies } from "../container/hierarchies.ts";
import { ContainerResolver } from "../container/resolve-container.ts";
import { requestResend } from "../fuse/device.ts";
import { HostFiles } from "../host/host-files.ts";
import { Ledger, shareLedger } from "../ledger/ledger.ts";
import { memfdCreate } from "../linux/syscalls.ts";
import { parseCpuList } from "../procfs/cpu-list.ts";
import { readCpuinfo32 } from "../read-cpuinfo32.ts";
import { LimitsEpochs, shareLimitsEpochs } from "../render/limits-epochs.ts";
import { PodCpuViews, sharePodCpuViews } from "../render/pod-cpu-views.ts";
import { LoadSampler, SAMPLE_INTERVAL_MILLIS } from "../sampler/load-sampler.ts";
import { startSampling } from "../sampler/sampling-loop.ts";
import { monotonicMillis } from "../vfs/generations.ts";
import { shareOpenedFiles } from "../vfs/opened-files.ts";
import { shareGenerations } from "../vfs/shared-generations.ts";
import { MAX_WAIT_MILLIS } from "../vfs/turn.ts";
import { buildFileSystem, type ServerData } from "./build-file-system.ts";
import { createDeferral } from "./deferral.ts";
import { figuresOf, shareFigures, sumFigures } from "./figures.ts";
import { FollowedContainers } from "./followed-containers.ts";
import type { Journal } from "./journal.ts";
import { LimitWatch } from "./limit-watch.ts";
import { LOOK_INTERVAL_MILLIS, LookedAfter } from "./looked-after.ts";
import {
  ALIVE_INTERVAL_MILLIS,
  countFailedRead,
  observerFor,
  type ServerMessage,
  type SupervisorMessage,
  type WorkerMessage,
} from "./messages.ts";
import { Recorder } from "./recorder.ts";
import { rehearse } from "./rehearsal.ts";
import { FUSE_FD, JOURNAL_FD, STATE_FD } from "./server-options.ts";
import { options, workers } from "./workers.ts";

/** Of a supervisor that has died "disconnect" tells, and maybe not yet: without a callback, EPIPE would be thrown. */
const tell = (message: ServerMessage): void => {
  if (process.connected) process.send?.(message, undefined, undefined, () => undefined);
};

const warned = new Set<string>();
/** Once per text, so that a failure that repeats does not flood the log. */
function warn(text: string): void {
  if (warned.has(text)) return;
  warned.add(text);
  tell({ type: "warning", text });
}

const warnOfLoad = (error: unknown): void => {
  countFailedRead(error, recorder);
  warn(`Cannot sample a load: ${String(error)}`);
};

const scratchFile = (): number => memfdCreate("procview-rehearsal");

/** A thread that blocks in read(2) keeps process.exit waiting for a request that may never come. */
function dieAtOnce(): void {
  process.kill(process.pid, "SIGKILL");
}

let orphaned = false;

/** Nobody can go on here. The supervisor starts the next process; where it is gone too, what it made has to go. */
function fail(what: string, error: unknown): void {
  process.stderr.write(`procview: ${what}: ${error instanceof Error ? error.stack : String(error)}\n`);
  if (process.connected || options.orphaned === "serve") dieAtOnce();
  else void cleanUpAsOrphan();
}

process.on("uncaughtException", (error) => fail("main thread ended", error));

const files = new HostFiles(options.roots);
const containers = new Containers(files, new ContainerResolver(files, findHierarchies(files)));

const receive: { [Type in WorkerMessage["type"]]: (message: Extract<WorkerMessage, { type: Type }>) => void } = {
  prepared: () => {
    prepared += 1;
    if (prepared < options.workers) return;
    allPrepared.resolve();
    tell({ type: "prepared" });
  },
  serving: () => {
    serving += 1;
    tellOnceServing();
  },
  met: ({ container }) => {
    containers.remember(container);
    followed.follow(container);
    try {
      sampleLoad(container);
    } catch (error) {
      warnOfLoad(error);
    }
  },
  drained: () => {
    drained += 1;
    if (drained === options.workers) tellOnceNobodyWaits();
  },
  waits: (node) => lookedAfter.add(node),
  passed: () => {
    if (takenOver) return;
    takenOver = true;
    // Nobody watched limits meanwhile.
    fileSystem.limitsChanged("any");
    tellOnceServing();
  },
  turnForced: ({ path }) => warn(`/${path} was renewed under a reader that took more than ${MAX_WAIT_MILLIS} ms`),
  renderFailed: ({ path, reason, served }) => warn(`Cannot render /${path}, served ${served}: ${reason}`),
  failed: ({ reason }) => warn(`A request failed: ${reason}`),
};
let prepared = 0;
const allPrepared = Promise.withResolvers<void>();
let serving = 0;
let drained = 0;
/** All that was sent before this process served is answered. */
let takenOver = false;

let workersLeft = workers.length;
for (const thread of workers) {
  thread.on("message", (message: WorkerMessage) => receive[message.type](message as never));
  thread.on("error", (error) => fail("worker ended", error));
  thread.on("exit", () => {
    workersLeft -= 1;
    if (workersLeft === 0 && !orphaned && !draining) process.exit(0);
  });
}

function sampleLoad(container: Container): void {
  if (options.view.loadavg) sampler.sample(container);
}

const MICROSECONDS = 1e6;
let draining = false;

/** From then on limits that changed while nobody served show. */
function tellOnceServing(): void {
  if (takenOver && serving === options.workers) tell({ type: "serving" });
}

/** Requests that were put off are answered by this thread, within MAX_WAIT_MILLIS. */
function tellOnceNobodyWaits(): void {
  if (lookedAfter.size === 0) tell({ type: "drained" });
  else setTimeout(tellOnceNobodyWaits, LOOK_INTERVAL_MILLIS);
}

/** Ends what the supervisor made, which also ends the connection and the workers. */
async function cleanUpAsOrphan(): Promise<void> {
  if (options.orphaned === "serve" || orphaned) return;
  orphaned = true;
  try {
    const { cleanUp } = await import("./clean-up.ts");
    await cleanUp(options.orphaned);
  } catch (error) {
    process.stderr.write(`procview: cannot clean up: ${error instanceof Error ? error.message : String(error)}\n`);
  }
  dieAtOnce();
}

const possibleCpus = parseCpuList(files.text("sys/devices/system/cpu/possible"));
const cpuinfo32 = await readCpuinfo32(files);
const figures = shareFigures(options.workers + 1);
const drainWord = new SharedArrayBuffer(4);
const serveWord = new SharedArrayBuffer(4);
let lastResidentBytes = 0;

/** Reads a file: where no descriptor is left, what it was before, for to be measured is no reason to die. */
function residentBytes(): number {
  try {
    lastResidentBytes = process.memoryUsage.rss();
  } catch (error) {
    warn(`Cannot tell resident memory: ${String(error)}`);
  }
  return lastResidentBytes;
}

const obey: {
  [Type in Exclude<SupervisorMessage["type"], "go">]: (message: Extract<SupervisorMessage, { type: Type }>) => void;
} = {
  serve: () => {
    if (resent) requestResend(FUSE_FD);
    fileSystem.succeed();
    Atomics.store(new Int32Array(serveWord), 0, 1);
    Atomics.notify(new Int32Array(serveWord), 0);
  },
  drain: () => {
    draining = true;
    Atomics.store(new Int32Array(drainWord), 0, 1);
  },
  figures: () => {
    const { user, system } = process.cpuUsage();
    tell({
      type: "figures",
      sum: sumFigures(figures),
      containers: followed.keys.size,
      residentBytes: residentBytes(),
      cpuSeconds: (user + system) / MICROSECONDS,
    });
  },
  cpuViews: ({ views }) => {
    cpuViews.set(views);
    limitsChanged(followed.keys);
  },
};

process.once("disconnect", dieAtOnce);
tell({ type: "ready" });
const [{ warmUp }] = (await once(process, "message")) as [Extract<SupervisorMessage, { type: "go" }>];
process.off("disconnect", dieAtOnce);
process.on("disconnect", () => void cleanUpAsOrphan());
process.on("message", (message: Exclude<SupervisorMessage, { type: "go" }>) => obey[message.type](message as never));

const ledger = shareLedger(Math.max(...possibleCpus) + 1, STATE_FD);
const sampler = new LoadSampler(files, new Ledger(ledger, STATE_FD), monotonicMillis);
/** Asked for again by whoever serves: this finds out whether the kernel can. */
const resent = options.resend && requestResend(FUSE_FD);
const generations = shareGenerations(STATE_FD);
const data: ServerData = {
  options,
  scratchFds: warmUp ? workers.map(scratchFile) : [],
  journal: !resent,
  figures,
  serving: serveWord,
  draining: drainWord,
  generations,
  opened: shareOpenedFiles(generations, STATE_FD, options.freshnessMillis === 0, options.workers),
  deferral: { waiting: new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT), workers: options.workers },
  ledger,
  cpuinfo32,
  limitsEpochs: shareLimitsEpochs(),
  cpuViews: sharePodCpuViews(options.cpuViews ?? []),
};
const epochs = new LimitsEpochs(data.limitsEpochs);
const cpuViews = new PodCpuViews(data.cpuViews);

function limitsChanged(keys: ReadonlySet<number>): void {
  epochs.changed(keys);
  // Till then nothing is shown as present, and the keeper may stand in.
  if (takenOver) fileSystem.limitsChanged(keys);
}

const limits = new LimitWatch({
  changed: limitsChanged,
  eventsOn: (fd) => epochs.eventsOn(fd),
  hear: (take) => epochs.hear(take),
  failed: (directory, error) => {
    epochs.giveUp();
    warn(`Cannot watch ${directory}: ${String(error)}; limits are read at every rendering instead`);
  },
});

const followed = new FollowedContainers({ containers, limits, epochs, sampler });

const recorder = new Recorder(figuresOf(figures, options.workers));
const journal: Journal | undefined = resent ? undefined : await openJournal();

async function openJournal(): Promise<Journal> {
  const { Journal: Opened } = await import("./journal.ts");
  return new Opened(JOURNAL_FD, 0, options.workers);
}

/** For what no worker is asked to do: late answers, and what is to be forgotten. */
const fileSystem = buildFileSystem(
  data,
  observerFor((message) => receive[message.type](message as never), recorder),
  createDeferral({ waits: (node) => lookedAfter.add(node), passed: () => receive.passed({ type: "passed" }) }, journal),
  recorder,
);
const lookedAfter = new LookedAfter((node) => fileSystem.overdue(node));

// Limits that workers read meanwhile are watched before, and count.
if (warmUp) followed.followAll();
for (const thread of workers) thread.postMessage(data);
if (warmUp) rehearse(fileSystem, scratchFile(), (error) => receive.failed({ type: "failed", reason: String(error) }));
const { keepResidentMemorySmall } = await import("../linux/resident-memory.ts");
// Normally written at the end of a process, which for this one is a kill.
flushCompileCache();
await allPrepared.promise;
// It changes flags, and V8 rejects what was compiled under others: not while workers load.
keepResidentMemorySmall();
setInterval(() => tell({ type: "alive" }), ALIVE_INTERVAL_MILLIS);
startSampling({
  subjects: () => followed.followAll(),
  visit: sampleLoad,
  failed: warnOfLoad,
  intervalMillis: SAMPLE_INTERVAL_MILLIS,
  now: monotonicMillis,
});
