// One agent serves a root at a time: the others wait, and the first of them goes on the moment that it ends.

import { mkdirSync, openSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { tryLock } from "../linux/file-lock.ts";

const RETRY_MILLIS = 20;

/** Waits until no other agent holds the lock; it is held until this process ends. Returns false where `signal` came first. */
export async function waitForLock(
  file: string,
  directory: string,
  waits: () => void,
  signal: AbortSignal,
): Promise<boolean> {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const fd = openSync(file, "w", 0o600);
  if (tryLock(fd)) return true;
  waits();
  while (!signal.aborted) {
    await sleep(RETRY_MILLIS);
    if (tryLock(fd)) return true;
  }
  return false;
}
