// What became of a file or of a whole container, one word each: labels of metrics. THE tables.

import type { Action, State } from "./states.ts";

export type Outcome = Done | Left | Failure;

/** What was wanted holds now. */
export type Done = "kept" | "attached" | "reattached" | "replaced" | "detached";

/** Nothing was done, for a reason that is no failure. */
export type Left =
  /** The container has mounted something itself over the file. */
  | "own-mount"
  /** No procfs or sysfs there. */
  | "no-procfs"
  /** The host shares the mount. */
  | "shared-with-host"
  /** The container's kernel file is missing. */
  | "no-target";

export type Failure =
  /** The process, and with it perhaps the container, went meanwhile. */
  | "vanished"
  /** Its number belongs to another process now. */
  | "pid-reused"
  /** It is in another mount namespace than it was. */
  | "moved-namespace"
  /** The tree has no such file, or no such container any more. */
  | "no-source"
  /** The file system does not answer: its session is lost. */
  | "server-gone"
  | "not-permitted"
  /** A mount of a more privileged namespace, which may not be taken away. */
  | "locked"
  /** /proc/sys/fs/mount-max. */
  | "too-many-mounts"
  /** No descriptors or memory left. */
  | "no-resources"
  | "old-kernel"
  /** No answer within the time limit; the process that waited was killed. */
  | "timed-out"
  /** The process that does the work ended. */
  | "attacher-died"
  /** Not tried: too many before it timed out. */
  | "given-up"
  | "failed";

/** What an action is called once it is done. */
export const DONE: Readonly<Record<Exclude<Action, "leave">, Done>> = {
  keep: "kept",
  attach: "attached",
  reattach: "reattached",
  replace: "replaced",
  detach: "detached",
};

/** What a file is after that; of all else it is what it was. */
const MADE: Readonly<Partial<Record<Outcome, State>>> = {
  attached: "own",
  reattached: "own",
  replaced: "own",
  detached: "absent",
};

/** How it stands with a file that was found in a state, after what became of it. */
export function stateAfter(found: State, outcome: Outcome | undefined): State {
  return (outcome && MADE[outcome]) ?? found;
}

const LEFT: Readonly<Partial<Record<State, Left>>> = {
  covered: "own-mount",
  unreachable: "no-procfs",
  shared: "shared-with-host",
};

/** Why something was left as it was found: its state, or that there is nothing to attach. */
export function reasonToLeave(state: State): Left | "server-gone" {
  return LEFT[state] ?? "server-gone";
}

/** By system call, then error; "any" stands for every call. */
const REASONS: Readonly<Record<string, Readonly<Record<string, Outcome>>>> = {
  any: {
    EPERM: "not-permitted",
    EACCES: "not-permitted",
    ENOTCONN: "server-gone",
    ECONNABORTED: "server-gone",
    EMFILE: "no-resources",
    ENFILE: "no-resources",
    ENOMEM: "no-resources",
    ENOSPC: "too-many-mounts",
    ENOSYS: "old-kernel",
    ESRCH: "vanished",
  },
  // EINVAL: mountinfo of a process that has left its namespace on its way out (fs/proc_namespace.c).
  open: { ENOENT: "vanished", EINVAL: "vanished" },
  read: { EINVAL: "vanished" },
  setns: { EINVAL: "vanished" },
  open_tree: { ENOENT: "no-source", ESTALE: "no-source" },
  umount2: { EINVAL: "locked", ENOENT: "no-target", ENOTDIR: "no-target" },
  move_mount: { ENOENT: "no-target", ENOTDIR: "no-target" },
};

/** The word for an error that has a `syscall` and a `code`, as Node's own and SyscallError have. */
export function reasonOf(error: unknown): Outcome {
  const { syscall = "", code = "" } = error as { syscall?: string; code?: string };
  return REASONS[syscall]?.[code] ?? REASONS["any"]?.[code] ?? "failed";
}

/** Whether it asks for nobody's attention. */
const IS_FINE: Readonly<Record<Outcome, boolean>> = {
  kept: true,
  attached: true,
  reattached: true,
  replaced: true,
  detached: true,
  "own-mount": true,
  "no-procfs": true,
  "shared-with-host": false,
  "no-target": true,
  vanished: true,
  "pid-reused": true,
  "moved-namespace": false,
  "no-source": false,
  "server-gone": false,
  "not-permitted": false,
  locked: false,
  "too-many-mounts": false,
  "no-resources": false,
  "old-kernel": false,
  "timed-out": false,
  "attacher-died": false,
  "given-up": false,
  failed: false,
};

export const OUTCOMES: readonly Outcome[] = Object.keys(IS_FINE) as Outcome[];

export function isFine(outcome: Outcome): boolean {
  return IS_FINE[outcome];
}
