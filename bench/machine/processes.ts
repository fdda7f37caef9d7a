// Processes that a benchmark starts: in a cgroup, spoken to by lines, ended for certain.

import { type ChildProcess, type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { createInterface } from "node:readline";

const KEPT_OUTPUT_CHARACTERS = 4000;

/** Starts a program as a member of cgroups from its first instruction on. */
export function spawnIn(
  cgroups: readonly string[],
  command: readonly string[],
  environment: NodeJS.ProcessEnv = {},
): ChildProcessWithoutNullStreams {
  const script = 'for directory in $1; do echo $$ >"$directory/cgroup.procs" || exit 1; done; shift; exec "$@"';
  return spawn("sh", ["-c", script, "sh", cgroups.join(" "), ...command], {
    stdio: "pipe",
    env: { ...process.env, ...environment },
  });
}

/** The last of what a process prints, for messages. */
export function keepOutput(child: ChildProcessWithoutNullStreams): () => string {
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk: Buffer) => {
      output = (output + chunk.toString()).slice(-KEPT_OUTPUT_CHARACTERS);
    });
  }
  return () => output.trim();
}

/** Kills processes; that one has ended meanwhile is what was wanted. */
export function killAll(pids: readonly number[]): void {
  for (const pid of pids) {
    try {
      process.kill(pid, "SIGKILL");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
    }
  }
}

export function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

/** Waits until a process has ended; false if it has not within the limit. */
export async function ended(child: ChildProcess, limitMillis: number): Promise<boolean> {
  if (hasEnded(child)) return true;
  return await new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), limitMillis);
    child.once("exit", () => {
      clearTimeout(timer);
      resolve(true);
    });
  });
}

/** A process that answers a line with a line. */
export class Conversation {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #lines: string[] = [];
  #receive: (() => void) | undefined;
  #errors = "";

  constructor(child: ChildProcessWithoutNullStreams) {
    this.#child = child;
    createInterface({ input: child.stdout }).on("line", (line) => {
      this.#lines.push(line);
      this.#receive?.();
    });
    child.stderr.on("data", (chunk: Buffer) => {
      this.#errors += chunk.toString();
    });
    // What is written to a process that has ended is not missed: its status says more.
    child.stdin.on("error", () => undefined);
    child.once("close", () => this.#receive?.());
  }

  say(line: string): void {
    this.#child.stdin.write(`${line}\n`);
  }

  /** The next line. Throws where the process ends instead, or stays silent for too long: then it is killed. */
  async answer(limitMillis: number): Promise<string> {
    let silent = false;
    const timer = setTimeout(() => {
      silent = true;
      this.#child.kill("SIGKILL");
    }, limitMillis);
    try {
      while (this.#lines.length === 0) {
        if (hasEnded(this.#child)) throw new Error(`The client ended (${this.#end(silent)}): ${this.#errors.trim()}`);
        await new Promise<void>((resolve) => {
          this.#receive = resolve;
        });
      }
      return this.#lines.shift() as string;
    } finally {
      clearTimeout(timer);
    }
  }

  #end(silent: boolean): string {
    if (silent) return "it was silent for too long";
    return this.#child.signalCode ?? `status ${this.#child.exitCode}`;
  }

  /** Ends the process by ending its input, or by force. */
  async end(limitMillis: number): Promise<void> {
    this.#child.stdin.end();
    if (await ended(this.#child, limitMillis)) return;
    this.#child.kill("SIGKILL");
    await ended(this.#child, limitMillis);
  }
}
