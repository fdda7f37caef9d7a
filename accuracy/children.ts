// Programs started and ended: each is told to end should this process die, however it dies.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";

const GRACE_MILLIS = 10_000;
const POLL_MILLIS = 20;

export interface SpawnedWith {
  environment?: NodeJS.ProcessEnv;
}

/** Starts a program with pipes. */
export function start(argv: readonly string[], { environment = process.env }: SpawnedWith = {}): ChildProcess {
  return spawn("setpriv", ["--pdeathsig", "TERM", "--", ...argv], {
    stdio: ["pipe", "pipe", "pipe"],
    env: environment,
  });
}

export const isRunning = (child: ChildProcess): boolean => child.exitCode === null && child.signalCode === null;

/** Waits for a child's end; after the time limit it is killed. */
export async function ended(child: ChildProcess, limitMillis: number): Promise<void> {
  if (!isRunning(child)) return;
  const timer = setTimeout(() => child.kill("SIGKILL"), limitMillis);
  await once(child, "exit");
  clearTimeout(timer);
}

/** Asks a child to end, and makes it end if it does not. */
export async function end(child: ChildProcess): Promise<void> {
  if (isRunning(child)) child.kill("SIGTERM");
  await ended(child, GRACE_MILLIS);
}

export interface Printed {
  output: string;
  /** When the last of it was printed, of performance.now(). */
  lastMillis: number;
}

/** A program's output to its end. Throws where it fails or takes longer than the limit. */
export async function outputOf(argv: readonly string[], limitMillis: number): Promise<Printed> {
  const child = start(argv);
  let output = "";
  let errors = "";
  let lastMillis = performance.now();
  child.stdout?.on("data", (chunk: Buffer) => {
    output += chunk.toString();
    lastMillis = performance.now();
  });
  child.stderr?.on("data", (chunk: Buffer) => {
    errors += chunk.toString();
  });
  const closed = once(child, "close");
  await ended(child, limitMillis);
  await closed;
  if (child.exitCode !== 0) throw new Error(`ended with ${child.exitCode ?? child.signalCode}: ${errors.trim()}`);
  return { output, lastMillis };
}

/** Waits until a condition gives something; throws with what was waited for. */
export async function until<Value>(what: string, limitMillis: number, find: () => Value | undefined): Promise<Value> {
  for (const end = performance.now() + limitMillis; ; await sleep(POLL_MILLIS)) {
    const found = find();
    if (found !== undefined) return found;
    if (performance.now() > end) throw new Error(`${what}: not within ${limitMillis} ms`);
  }
}
