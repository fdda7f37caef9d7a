// Keeps a file-system process running over one session: starts the process, tells when it hangs, and starts the next
// when one dies. The kernel queues what is asked meanwhile; the successor answers it.

import { type ChildProcess, spawn } from "node:child_process";
import { EventEmitter, once } from "node:events";
import { fileURLToPath } from "node:url";
import { compileCacheEnvironment } from "../compile-cache.ts";
import type { PodCpuView } from "../render/pod-cpu-views.ts";
import { ENGINE_ENVIRONMENT, ENGINE_FLAGS } from "./engine-flags.ts";
import { ALIVE_INTERVAL_MILLIS, type ServerMessage, type SupervisorMessage } from "./messages.ts";
import { delayOfNext, FRUITLESS_STARTS } from "./restart-delay.ts";
import type { ServerOptions } from "./server-options.ts";
import type { SessionFiles } from "./session-files.ts";
import { Watchdog } from "./watchdog.ts";

const PROGRAM = fileURLToPath(new URL("./start-file-system-process.ts", import.meta.url));
const DEFAULT_HANG_MILLIS = 2000;
/** One that starts on a busy machine is slow, and the keeper stands in: it is given up after so many times as long. */
const START_HANGS = 15;

interface SupervisorEvents {
  /** A process serves: the first, or the next. */
  serving: [pid: number];
  /** It cannot be started at all. */
  error: [error: Error];
  warning: [text: string];
  died: [how: string];
  /** It gave no sign of life for so long, and was killed. */
  hung: [millis: number];
  drained: [];
  figures: [figures: Extract<ServerMessage, { type: "figures" }>];
  /** The connection is gone: unmounted or aborted. */
  ended: [];
}

export interface SupervisorOptions {
  /** Inherited by each process: see LEASE_FD. */
  leaseFd?: number;
  /** Called when a process has loaded, before it takes in what its predecessor left: to end that. */
  beforePreparing?: (pid: number) => void;
  /** Called before each process begins to serve: returns when nobody else does. */
  beforeServing?: (pid: number) => Promise<void>;
  /** Without a sign of life for so long, a process is replaced. */
  hangMillis?: number;
}

export class Supervisor extends EventEmitter<SupervisorEvents> {
  readonly #files: SessionFiles;
  readonly #server: ServerOptions;
  readonly #options: SupervisorOptions;
  readonly #watchdog: Watchdog;
  readonly #hangMillis: number;
  #child: ChildProcess | undefined;
  #cpuViews: readonly PodCpuView[];
  /** Of the process: it takes messages. */
  #serves = false;
  #delayMillis = 0;
  #stopped = false;
  /** Deaths before the first time that it served; undefined from then on. */
  #fruitless: number | undefined = 0;

  constructor(files: SessionFiles, server: ServerOptions, options: SupervisorOptions = {}) {
    super();
    this.#files = files;
    this.#server = server;
    this.#cpuViews = server.cpuViews ?? [];
    this.#options = options;
    this.#hangMillis = options.hangMillis ?? DEFAULT_HANG_MILLIS;
    this.#watchdog = new Watchdog(ALIVE_INTERVAL_MILLIS, (silentMillis) => {
      this.emit("hung", silentMillis);
      this.#child?.kill("SIGKILL");
    });
  }

  /** Starts the process and waits until all its workers read requests. Throws where it keeps dying before that. */
  async start(): Promise<void> {
    this.#spawn();
    await once(this, "serving");
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Has the process answer what it has read, and read no more: "drained" follows once each worker got a request. */
  drain(): void {
    this.#tell({ type: "drain" });
  }

  /** Asks for what it has counted: "figures" follows. */
  askFigures(): void {
    this.#tell({ type: "figures" });
  }

  /** Has CPUs of some pods counted otherwise, by this process and by those that follow. */
  showCpus(views: readonly PodCpuView[]): void {
    this.#cpuViews = views;
    if (this.#serves) this.#tell({ type: "cpuViews", views });
  }

  /** Lets the process serve on, of nobody's care. */
  leave(): void {
    this.#stopped = true;
    this.#watchdog.stop();
    if (this.#child?.connected) this.#child.disconnect();
    this.#child?.unref();
  }

  /** Resolves once the process is gone, whoever ends it. */
  async gone(): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    await once(child, "exit");
  }

  /** Ends the process and waits until it is gone. Whoever still reads gets ENOTCONN once the device is closed. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#watchdog.stop();
    const gone = this.gone();
    this.#child?.kill("SIGKILL");
    await gone;
  }

  #spawn(): void {
    const startedAt = performance.now();
    const { deviceFd, stateFd, journalFd } = this.#files;
    const server: ServerOptions = { ...this.#server, cpuViews: this.#cpuViews };
    this.#serves = false;
    // Of its own session: Ctrl-C in a terminal is for the program that runs, not for its /proc.
    const child = spawn(process.execPath, [...ENGINE_FLAGS, "--no-warnings", PROGRAM, JSON.stringify(server)], {
      stdio: ["ignore", "inherit", "inherit", deviceFd, stateFd, journalFd, this.#options.leaseFd ?? "ignore", "ipc"],
      cwd: "/",
      env: { ...process.env, ...ENGINE_ENVIRONMENT, ...compileCacheEnvironment() },
      detached: true,
    });
    this.#child = child;
    this.#watchdog.start(this.#hangMillis * START_HANGS);
    child.on("message", (message: ServerMessage) => this.#receive[message.type](message as never));
    child.once("error", (error) => this.emit("warning", `Cannot start the file-system process: ${error.message}`));
    child.once("exit", (code, signal) => this.#ended(code, signal, performance.now() - startedAt));
  }

  readonly #receive: { [Type in ServerMessage["type"]]: (message: Extract<ServerMessage, { type: Type }>) => void } = {
    ready: () => {
      this.#options.beforePreparing?.(this.#child?.pid as number);
      this.#tell({ type: "go", warmUp: this.#options.leaseFd !== undefined });
    },
    prepared: () => void this.#letServe(this.#child as ChildProcess),
    serving: () => {
      this.#fruitless = undefined;
      this.#serves = true;
      // Those that came while it started.
      if (this.#cpuViews !== this.#server.cpuViews) this.#tell({ type: "cpuViews", views: this.#cpuViews });
      this.#watchdog.start(this.#hangMillis);
      this.emit("serving", this.#child?.pid as number);
    },
    // One that starts is given its time once, however alive it is.
    alive: () => {
      if (this.#serves) this.#watchdog.seen();
    },
    drained: () => this.emit("drained"),
    figures: (figures) => this.emit("figures", figures),
    warning: ({ text }) => this.emit("warning", text),
  };

  async #letServe(child: ChildProcess): Promise<void> {
    await this.#options.beforeServing?.(child.pid as number);
    // It may have died meanwhile: the next one asks for itself.
    if (this.#child === child) this.#tell({ type: "serve" });
  }

  #tell(message: SupervisorMessage): void {
    // Of a process that has died "exit" tells, and maybe not yet: without a callback, EPIPE would be thrown.
    if (this.#child?.connected) this.#child.send(message, () => undefined);
  }

  /** Status 0 is the end of the connection; all else is a death to be mended. */
  #ended(code: number | null, signal: NodeJS.Signals | null, livedMillis: number): void {
    this.#watchdog.stop();
    if (code === 0 || this.#stopped) {
      this.emit("ended");
      return;
    }
    const how = signal ?? `status ${code}`;
    if (this.#fruitless !== undefined) this.#fruitless += 1;
    if (this.#fruitless === FRUITLESS_STARTS) {
      const message = `The file-system process does not start: it ended ${FRUITLESS_STARTS} times (${how})`;
      this.emit("error", new Error(message));
      return;
    }
    this.emit("died", how);
    this.emit("warning", `The file-system process ended (${how}), starting the next`);
    this.#delayMillis = delayOfNext(this.#delayMillis, livedMillis);
    setTimeout(() => {
      if (!this.#stopped) this.#spawn();
    }, this.#delayMillis);
  }
}
