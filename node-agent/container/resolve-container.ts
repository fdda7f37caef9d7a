// Thread -> container: the cgroup where the container begins, not the leaf the thread is in (docs/adr/0002).
// Cgroup paths decide; where no rule knows them, the first process of the thread's pid namespace does; a thread in the
// host's own pid namespace is of the host.

import { type Cgroup, directoryOf } from "../cgroup/cgroup.ts";
import type { HostFiles } from "../host/host-files.ts";
import { type PidCgroup, parsePidCgroup } from "../procfs/pid-cgroup.ts";
import { parsePidStat } from "../procfs/pid-stat.ts";
import { CONTROLLERS, type Container } from "./container.ts";
import { containerKey, IDENTITY_HIERARCHIES, type IdentityHierarchy } from "./container-key.ts";
import { matchContainer } from "./container-rules.ts";
import { type Hierarchy, hierarchyOf } from "./hierarchies.ts";
import { NamespaceInits, pidNamespaceOf } from "./pid-namespace.ts";

export const PID_NAMESPACE_RULE = "pid-namespace";

/** What became of a thread: its container, "host", or "gone" where it ended meanwhile. */
export type Resolution = Container | "host" | "gone";

export class ContainerResolver {
  readonly #files: HostFiles;
  readonly #hierarchies: readonly Hierarchy[];
  readonly #inits: NamespaceInits;
  readonly #hostNamespace: string | undefined;

  constructor(files: HostFiles, hierarchies: readonly Hierarchy[]) {
    this.#files = files;
    this.#hierarchies = hierarchies;
    this.#inits = new NamespaceInits(files);
    // The server runs in the host's pid namespace. Fixtures have no "self", and pid 1 may be too privileged to be asked.
    this.#hostNamespace = pidNamespaceOf(files, "self") ?? pidNamespaceOf(files, 1);
  }

  /** The container of a thread or process, by its number on the host. */
  resolve(tid: number): Resolution {
    const cgroups = this.#cgroupsOf(tid);
    if (cgroups === undefined) return "gone";
    const matched = this.#byRules(cgroups);
    if (matched !== undefined) return matched;
    const namespace = pidNamespaceOf(this.#files, tid);
    // Whose namespace may not be read has more privileges than this server, which no container has.
    if (namespace === undefined) return this.#files.has(`proc/${tid}`) ? "host" : "gone";
    if (namespace === this.#hostNamespace) return "host";
    const init = this.#inits.initOf(tid, namespace);
    return init === undefined ? "gone" : this.#byInit(init);
  }

  /** The container whose cgroup has that path in that hierarchy, taking the same path in all others. */
  assume(identity: Cgroup, name: IdentityHierarchy): Container | undefined {
    const match = matchContainer(identity.path);
    const id = match?.id ?? identity.path.slice(identity.path.lastIndexOf("/") + 1);
    return this.#container(match?.rule ?? PID_NAMESPACE_RULE, id, (hierarchy) => {
      const cgroup = { version: hierarchy.version, mountPoint: hierarchy.mountPoint, path: identity.path };
      const isIdentity = hierarchy === this.hierarchy(name);
      return isIdentity || this.#files.has(directoryOf(cgroup)) ? identity.path : undefined;
    });
  }

  /** The hierarchy that keys of that name speak of; undefined where this machine has none. */
  hierarchy(name: IdentityHierarchy): Hierarchy | undefined {
    if (name === "unified") return this.#hierarchies.find(({ version }) => version === 2);
    return this.#hierarchies.find(({ version, controllers }) => version === 1 && controllers.includes(name));
  }

  #byRules(cgroups: readonly PidCgroup[]): Container | undefined {
    const matches = cgroups.map(({ path }) => matchContainer(path));
    const first = matches.find((match) => match !== undefined);
    if (first === undefined) return undefined;
    return this.#container(first.rule, first.id, (hierarchy) => {
      const path = pathIn(hierarchy, cgroups);
      return path === undefined ? undefined : matchContainer(path)?.path;
    });
  }

  /** A pid namespace without a cgroup of its own (unshare -p) narrows nothing: its processes are the host's. */
  #byInit(init: number): Resolution {
    const cgroups = this.#cgroupsOf(init);
    const stat = this.#files.textIfAny(`proc/${init}/stat`);
    if (cgroups === undefined || stat === undefined) return "gone";
    const parents = this.#cgroupsOf(parsePidStat(stat).parentPid) ?? [];
    const container = this.#container(PID_NAMESPACE_RULE, "", (hierarchy) => {
      const path = pathIn(hierarchy, cgroups);
      return path === undefined || path === "/" ? undefined : path.replace(/\/init\.scope$/, "") || "/";
    });
    if (container === undefined) return "host";
    const own = container.identity.path;
    const shared = parents.some(({ path }) => path === own);
    return shared ? "host" : { ...container, id: own.slice(own.lastIndexOf("/") + 1) };
  }

  #container(rule: string, id: string, pathOf: (hierarchy: Hierarchy) => string | undefined): Container | undefined {
    const cgroups: Container["cgroups"] = {};
    for (const controller of CONTROLLERS) {
      const hierarchy = this.#hierarchyOfController(controller);
      const path = hierarchy && pathOf(hierarchy);
      if (hierarchy && path) cgroups[controller] = cgroupIn(hierarchy, path);
    }
    for (const name of IDENTITY_HIERARCHIES) {
      const hierarchy = this.hierarchy(name);
      const path = hierarchy && pathOf(hierarchy);
      if (!hierarchy || !path || path === "/") continue;
      const identity = cgroupIn(hierarchy, path);
      const inode = this.#files.inode(directoryOf(identity));
      if (inode !== undefined) return { key: containerKey(name, inode), id, rule, identity, cgroups };
    }
    return undefined;
  }

  #hierarchyOfController(controller: (typeof CONTROLLERS)[number]): Hierarchy | undefined {
    if (controller === "pressure") return this.hierarchy("unified");
    if (controller === "io") return hierarchyOf(this.#hierarchies, "blkio");
    return hierarchyOf(this.#hierarchies, controller);
  }

  #cgroupsOf(tid: number): PidCgroup[] | undefined {
    const text = this.#files.textIfAny(`proc/${tid}/cgroup`);
    return text === undefined ? undefined : withOwnPaths(parsePidCgroup(text));
  }
}

/** A part of a string keeps all of it: a kilobyte of text for each container that is known. Most paths are the same. */
function withOwnPaths(cgroups: readonly PidCgroup[]): PidCgroup[] {
  const copies = new Map<string, string>();
  return cgroups.map(({ controllers, path }) => {
    const own = copies.get(path) ?? Buffer.from(path).toString();
    copies.set(own, own);
    return { controllers, path: own };
  });
}

/** Where the hierarchy's mount shows a cgroup other than the root, paths are taken below that one. */
function cgroupIn(hierarchy: Hierarchy, path: string): Cgroup {
  const below = hierarchy.root !== "/" && path.startsWith(hierarchy.root) ? path.slice(hierarchy.root.length) : path;
  return { version: hierarchy.version, mountPoint: hierarchy.mountPoint, path: below === "" ? "/" : below };
}

function pathIn(hierarchy: Hierarchy, cgroups: readonly PidCgroup[]): string | undefined {
  if (hierarchy.version === 2) return cgroups.find(({ controllers }) => controllers.length === 0)?.path;
  return cgroups.find(({ controllers }) => controllers.some((name) => hierarchy.controllers.includes(name)))?.path;
}
