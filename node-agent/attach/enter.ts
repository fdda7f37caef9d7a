// The way into a container's mount namespace and back.

import { parsePidStat } from "../procfs/pid-stat.ts";
import type { AttachCalls } from "./calls.ts";
import type { Descriptors } from "./descriptors.ts";
import type { VisitRequest } from "./messages.ts";
import type { Outcome } from "./outcomes.ts";

/** Where the thread is between visits. */
export interface Home {
  namespaceFd: number;
  rootFd: number;
}

/** The thread could not return from a container: it must not be used any more. */
export class LostError extends Error {
  constructor(cause: unknown) {
    super(`Cannot return to the home namespace: ${String(cause)}`, { cause });
    this.name = "LostError";
  }
}

/** Refused before anything was done. */
export class VisitError extends Error {
  readonly outcome: Outcome;

  constructor(outcome: Outcome, message: string) {
    super(message);
    this.name = "VisitError";
    this.outcome = outcome;
  }
}

export interface Away {
  namespaceFd: number;
  rootFd: number;
  mountinfo: string;
}

/** Opens what is needed of the process, then makes sure that it was the one meant, and still is where it was. */
export function openContainer(calls: AttachCalls, descriptors: Descriptors, { subject, procfs }: VisitRequest): Away {
  const directory = `${procfs}/${subject.pid}`;
  const namespaceFd = descriptors.keep(calls.openNamespace(`${directory}/ns/mnt`));
  const rootFd = descriptors.keep(calls.openDirectory(`${directory}/root`));
  const mountinfo = calls.readText(`${directory}/mountinfo`);
  if (parsePidStat(calls.readText(`${directory}/stat`)).startTicks !== subject.startTicks) {
    throw new VisitError("pid-reused", `Process ${subject.pid} is another one`);
  }
  if (calls.namespaceNumber(namespaceFd) !== subject.namespace) {
    throw new VisitError("moved-namespace", `Process ${subject.pid} has left mount namespace ${subject.namespace}`);
  }
  return { namespaceFd, rootFd, mountinfo };
}

/** Does something inside, the container's root as its root. The thread is at home again afterwards, or LostError thrown. */
export function inside(calls: AttachCalls, home: Home, away: Away, work: () => void): void {
  try {
    calls.setns(away.namespaceFd);
    calls.changeRoot(away.rootFd);
    work();
  } finally {
    goHome(calls, home);
  }
}

function goHome(calls: AttachCalls, home: Home): void {
  try {
    calls.setns(home.namespaceFd);
    calls.changeRoot(home.rootFd);
  } catch (error) {
    throw new LostError(error);
  }
}
