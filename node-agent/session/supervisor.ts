// Keeps a file-system process running over one connection: holds the device, starts the process, and starts the next
// when one dies. The kernel queues what is asked meanwhile; the successor answers it.

import { type ChildProcess, spawn } from "node:child_process";
import { EventEmitter, once } from "node:events";
import { getCompileCacheDir } from "node:module";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { memfdCreate } from "../linux/syscalls.ts";
import type { ServerMessage } from "./messages.ts";
import type { ServerOptions } from "./server-options.ts";

const PROGRAM = fileURLToPath(new URL("./file-system-process.ts", import.meta.url));

/**
 * The process has little garbage and much to share a node with: a small young generation, an old one that is
 * collected from 8 MiB on, no helper threads for the collector, one heap of malloc for all threads. Measured: 40 MiB less, reads as fast.
 */
const THRIFT = [
  "--max-semi-space-size=1",
  "--initial-old-space-size=8",
  "--max-old-space-size=64",
  "--single-threaded-gc",
  "--v8-pool-size=1",
];
const THRIFTY_ENVIRONMENT = { MALLOC_ARENA_MAX: "1", UV_THREADPOOL_SIZE: "1" };

/** A process that dies sooner than this after its start is restarted with a growing delay. */
const STABLE_MILLIS = 5000;
const FIRST_DELAY_MILLIS = 10;
const LAST_DELAY_MILLIS = 5000;
/** A process that dies as often as this before it ever serves will not serve the next time either. */
const FRUITLESS_STARTS = 3;

interface SupervisorEvents {
  serving: [];
  /** It cannot be started at all. */
  error: [error: Error];
  warning: [text: string];
  /** The connection is gone: unmounted or aborted. */
  ended: [];
}

export class Supervisor extends EventEmitter<SupervisorEvents> {
  readonly #deviceFd: number;
  readonly #stateFd: number;
  readonly #options: ServerOptions;
  #child: ChildProcess | undefined;
  #delayMillis = 0;
  #stopped = false;
  /** Deaths before the first time that it served; undefined from then on. */
  #fruitless: number | undefined = 0;

  constructor(deviceFd: number, options: ServerOptions) {
    super();
    this.#deviceFd = deviceFd;
    this.#stateFd = memfdCreate("procview-state");
    this.#options = options;
  }

  /** Starts the process and waits until all its workers read requests. Throws where it keeps dying before that. */
  async start(): Promise<void> {
    this.#spawn();
    await once(this, "serving");
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Ends the process and waits until it is gone. Whoever still reads gets ENOTCONN once the device is closed. */
  async stop(): Promise<void> {
    this.#stopped = true;
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, "exit");
    child.kill("SIGKILL");
    await exited;
  }

  #spawn(): void {
    const startedAt = performance.now();
    // Of its own session: Ctrl-C in a terminal is for the program that runs, not for its /proc.
    const child = spawn(process.execPath, [...THRIFT, "--no-warnings", PROGRAM, JSON.stringify(this.#options)], {
      stdio: ["ignore", "inherit", "inherit", this.#deviceFd, this.#stateFd, "ipc"],
      cwd: "/",
      // The directory that Node reports is the one it made below the one it was given.
      env: { ...process.env, ...THRIFTY_ENVIRONMENT, NODE_COMPILE_CACHE: dirname(getCompileCacheDir() ?? "") },
      detached: true,
    });
    this.#child = child;
    child.on("message", (message: ServerMessage) => this.#receive(message));
    child.once("error", (error) => this.emit("warning", `Cannot start the file-system process: ${error.message}`));
    child.once("exit", (code, signal) => this.#ended(code, signal, performance.now() - startedAt));
  }

  #receive(message: ServerMessage): void {
    if (message.type === "warning") {
      this.emit("warning", message.text);
      return;
    }
    this.#fruitless = undefined;
    this.emit("serving");
  }

  /** Status 0 is the end of the connection; all else is a death to be mended. */
  #ended(code: number | null, signal: NodeJS.Signals | null, livedMillis: number): void {
    if (code === 0 || this.#stopped) {
      this.emit("ended");
      return;
    }
    const how = signal ?? `status ${code}`;
    if (this.#fruitless !== undefined) this.#fruitless += 1;
    if (this.#fruitless === FRUITLESS_STARTS) {
      this.emit(
        "error",
        new Error(`The file-system process does not start: it ended ${FRUITLESS_STARTS} times (${how})`),
      );
      return;
    }
    this.emit("warning", `The file-system process ended (${how}), starting the next`);
    const next = Math.min(LAST_DELAY_MILLIS, Math.max(FIRST_DELAY_MILLIS, this.#delayMillis * 2));
    this.#delayMillis = livedMillis > STABLE_MILLIS ? 0 : next;
    setTimeout(() => {
      if (!this.#stopped) this.#spawn();
    }, this.#delayMillis);
  }
}
