// The first process of a pid namespace, as the host numbers it. lxcfs asks the kernel by forking into the namespace;
// /proc tells the same: NSpid's last number is a process's pid in its own namespace, and 1 is the init.

import type { HostFiles } from "../host/host-files.ts";
import { parsePidStat } from "../procfs/pid-stat.ts";
import { parsePidStatus } from "../procfs/pid-status.ts";

/** The pid namespace of a thread, such as "pid:[4026531836]"; undefined where it is gone or too privileged to be asked. */
export function pidNamespaceOf(files: HostFiles, tid: number | "self"): string | undefined {
  return files.link(`proc/${tid}/ns/pid`);
}

/** Of namespaces that came and went none is kept for ever. */
const MAX_KNOWN = 1024;

export class NamespaceInits {
  readonly #files: HostFiles;
  readonly #known = new Map<string, { pid: number; startTicks: number }>();

  constructor(files: HostFiles) {
    this.#files = files;
  }

  /** The init of the namespace that a thread is in; undefined where the namespace has no init any more. */
  initOf(tid: number, namespace: string): number | undefined {
    const known = this.#known.get(namespace);
    if (known !== undefined && this.#startTicks(known.pid) === known.startTicks) return known.pid;
    const pid = this.#amongAncestors(tid, namespace) ?? this.#amongAll(namespace);
    const startTicks = pid === undefined ? undefined : this.#startTicks(pid);
    if (pid === undefined || startTicks === undefined) {
      this.#known.delete(namespace);
      return undefined;
    }
    if (this.#known.size >= MAX_KNOWN) this.#known.clear();
    this.#known.set(namespace, { pid, startTicks });
    return pid;
  }

  /** Most processes descend from their init; one that entered the namespace (exec, nsenter) does not. */
  #amongAncestors(tid: number, namespace: string): number | undefined {
    for (let pid: number | undefined = tid; pid !== undefined && pid > 1; pid = this.#parentOf(pid)) {
      if (pidNamespaceOf(this.#files, pid) !== namespace) return undefined;
      if (this.#isInit(pid)) return pid;
    }
    return undefined;
  }

  #amongAll(namespace: string): number | undefined {
    for (const name of this.#files.names("proc")) {
      const pid = Number(name);
      if (Number.isInteger(pid) && this.#isInit(pid) && pidNamespaceOf(this.#files, pid) === namespace) return pid;
    }
    return undefined;
  }

  #isInit(pid: number): boolean {
    const status = this.#files.textIfAny(`proc/${pid}/status`);
    const nsPids = status === undefined ? [] : parsePidStatus(status).nsPids;
    return nsPids.length > 1 && nsPids.at(-1) === 1;
  }

  #parentOf(pid: number): number | undefined {
    const stat = this.#files.textIfAny(`proc/${pid}/stat`);
    return stat === undefined ? undefined : parsePidStat(stat).parentPid;
  }

  #startTicks(pid: number): number | undefined {
    const stat = this.#files.textIfAny(`proc/${pid}/stat`);
    return stat === undefined ? undefined : parsePidStat(stat).startTicks;
  }
}
