// The containers of this machine, one process standing for each mount namespace: told by /proc, no runtime is asked.

import type { Container } from "../container/container.ts";
import type { Containers } from "../container/containers.ts";
import type { HostFiles } from "../host/host-files.ts";
import { parsePidStat } from "../procfs/pid-stat.ts";
import type { Subject } from "./messages.ts";

export interface FoundContainer {
  subject: Subject;
  container: Container;
  /** A runtime is at work in its namespace: its root is not there yet, and mounts are on their way to where they belong. */
  beingMade: boolean;
}

/** Names of the process that becomes a container's first, until it does: runc and youki, crun, LXC. */
const RUNTIMES = /^(runc|youki):\[\d:\w+\]$|^crun$|^lxc-start$/;

/** Namespaces nobody enters: the host's, and that of whoever asks. */
const NEVER: readonly (number | "self")[] = [1, "self"];

/** Every mount namespace in which a process of a container is, but the host's and our own. */
export function findContainers(files: HostFiles, containers: Containers): FoundContainer[] {
  const never = new Set(NEVER.map((pid) => mountNamespaceOf(files, pid)));
  const members = new Map<number, number[]>();
  for (const name of files.names("proc")) {
    const pid = Number(name);
    const namespace = Number.isInteger(pid) ? mountNamespaceOf(files, pid) : undefined;
    if (namespace === undefined || never.has(namespace)) continue;
    const pids = members.get(namespace) ?? [];
    pids.push(pid);
    members.set(namespace, pids);
  }
  return [...members].flatMap(([namespace, pids]) => representative(files, containers, namespace, pids) ?? []);
}

/** The container a process is in; undefined for one of the host, of its namespace or of ours, and for one that is gone. */
export function findContainerOf(files: HostFiles, containers: Containers, pid: number): FoundContainer | undefined {
  const namespace = mountNamespaceOf(files, pid);
  if (namespace === undefined || NEVER.some((other) => mountNamespaceOf(files, other) === namespace)) return undefined;
  return representative(files, containers, namespace, [pid]);
}

/** The oldest process that is in a container: one that entered from outside, or has another root, is younger. */
function representative(
  files: HostFiles,
  containers: Containers,
  namespace: number,
  pids: readonly number[],
): FoundContainer | undefined {
  const subjects = pids.flatMap((pid) => {
    const stat = files.textIfAny(`proc/${pid}/stat`);
    return stat === undefined ? [] : [{ pid, startTicks: parsePidStat(stat).startTicks, namespace }];
  });
  for (const subject of subjects.sort((a, b) => a.startTicks - b.startTicks || a.pid - b.pid)) {
    const container = containers.ofThread(subject.pid);
    if (typeof container === "object") return { subject, container, beingMade: isRuntime(files, subject.pid) };
  }
  return undefined;
}

function isRuntime(files: HostFiles, pid: number): boolean {
  return RUNTIMES.test(files.textIfAny(`proc/${pid}/comm`)?.trim() ?? "");
}

function mountNamespaceOf(files: HostFiles, pid: number | "self"): number | undefined {
  const number = /^mnt:\[(\d+)\]$/.exec(files.link(`proc/${pid}/ns/mnt`) ?? "")?.[1];
  return number === undefined ? undefined : Number(number);
}
