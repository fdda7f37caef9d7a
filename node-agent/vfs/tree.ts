// The tree of names: which index is which path, who is whose child. Knows nothing of containers or of contents.

import {
  CPU_FILES,
  CPU_NODE_BASE,
  CPU_NODE_STRIDE,
  PER_CPU_DIRECTORIES,
  PER_CPU_FILES,
} from "../../contract/cpu-files.ts";
import {
  CONTAINERS_DIRECTORY,
  type Freshness,
  HOST_DIRECTORY,
  OWN_LINKS,
  ROOT_INDEX,
  VIRTUAL_DIRECTORIES,
  VIRTUAL_FILES,
} from "../../contract/virtual-files.ts";

export type NodeType = "file" | "directory" | "symlink";

export interface Node {
  index: number;
  /** Below a view's root, "" for that itself; of what stands at the root of the mount, its name. */
  path: string;
  /** A symbolic link leads each reader to that path of its own view. */
  type: NodeType;
  permissions: number;
  freshness: Freshness;
  /** Set on cpuN and all below it. */
  cpu?: number;
}

const CPU_DIRECTORY = "sys/devices/system/cpu";
const DIRECTORY_PERMISSIONS = 0o555;
const FILE_PERMISSIONS = 0o444;
const LINK_PERMISSIONS = 0o777;
const INDEX_LIMIT = 2 ** 20;
const CPU_NAME = /^cpu(0|[1-9]\d*)$/;

interface PerCpu {
  path: string;
  type: NodeType;
}

/** What stands below every cpuN, by its index there. */
const PER_CPU = new Map<number, PerCpu>([
  [0, { path: "", type: "directory" }],
  ...PER_CPU_DIRECTORIES.map(({ path, index }) => [index, { path, type: "directory" }] as const),
  ...PER_CPU_FILES.map(({ path, index }) => [index, { path, type: "file" }] as const),
]);

export class Tree {
  readonly #byIndex = new Map<number, Node>();
  readonly #children = new Map<number, Map<string, Node>>();

  /** A tree with only the files that `served` names: paths of contract/virtual-files.ts, and the cpu directory. */
  constructor(served: ReadonlySet<string>) {
    for (const { path, index } of VIRTUAL_DIRECTORIES) {
      if (directoryIsServed(path, served)) this.#add(directory(path, index));
    }
    this.#addRoot(served);
    for (const file of VIRTUAL_FILES) {
      if (served.has(file.path)) this.#add({ ...file, type: "file" });
    }
    if (!served.has(CPU_DIRECTORY)) return;
    for (const { path, index } of CPU_FILES) this.#add(cpuFile(`${CPU_DIRECTORY}/${path}`, index));
  }

  /** The node of an index, or undefined where there is none. */
  node(index: number): Node | undefined {
    if (index < CPU_NODE_BASE) return this.#byIndex.get(index);
    if (index >= INDEX_LIMIT || !this.#byIndex.has(CPU_DIRECTORY_INDEX)) return undefined;
    const cpu = Math.floor((index - CPU_NODE_BASE) / CPU_NODE_STRIDE);
    const perCpu = PER_CPU.get((index - CPU_NODE_BASE) % CPU_NODE_STRIDE);
    return perCpu && perCpuNode(cpu, index, perCpu);
  }

  /** The child of that name; for cpuN whether the CPU exists is the caller's to ask. */
  child(parent: Node, name: string): Node | undefined {
    if (parent.cpu !== undefined) return this.children(parent).get(name);
    const known = this.#children.get(parent.index)?.get(name);
    if (known !== undefined || parent.index !== CPU_DIRECTORY_INDEX) return known;
    const cpu = CPU_NAME.exec(name)?.[1];
    return cpu === undefined ? undefined : this.cpu(Number(cpu));
  }

  /** The directory of CPU number `cpu`. */
  cpu(cpu: number): Node | undefined {
    return this.node(CPU_NODE_BASE + cpu * CPU_NODE_STRIDE);
  }

  /** All children by name but cpuN, which depend on whose view it is. */
  children(parent: Node): ReadonlyMap<string, Node> {
    if (parent.cpu === undefined) return this.#children.get(parent.index) ?? new Map<string, Node>();
    const prefix = `${pathBelowCpu(parent)}/`.replace(/^\//, "");
    const children = new Map<string, Node>();
    for (const [offset, perCpu] of PER_CPU) {
      const rest = perCpu.path.slice(prefix.length);
      if (rest === "" || !perCpu.path.startsWith(prefix) || rest.includes("/")) continue;
      children.set(rest, perCpuNode(parent.cpu, cpuIndex(parent.cpu) + offset, perCpu));
    }
    return children;
  }

  #addRoot(served: ReadonlySet<string>): void {
    const { name, index, permissions } = CONTAINERS_DIRECTORY;
    const links = OWN_LINKS.filter((link) => directoryIsServed(link.name, served)).map((link) => symlink(link));
    const containers = { ...directory(name, index), permissions };
    const view = this.#byIndex.get(HOST_DIRECTORY.index) as Node;
    for (const node of [...links, containers, directory("", ROOT_INDEX)]) this.#byIndex.set(node.index, node);
    const named = [...links, containers].map((node) => [node.path, node] as const);
    this.#children.set(ROOT_INDEX, new Map([...named, [HOST_DIRECTORY.name, view]]));
  }

  #add(node: Node): void {
    this.#byIndex.set(node.index, node);
    if (node.path === "") return;
    const parentPath = node.path.includes("/") ? node.path.slice(0, node.path.lastIndexOf("/")) : "";
    const parent = VIRTUAL_DIRECTORIES.find(({ path }) => path === parentPath);
    if (parent === undefined) throw new TypeError(`Cannot place "${node.path}": no directory "${parentPath}"`);
    const siblings = this.#children.get(parent.index) ?? new Map<string, Node>();
    siblings.set(baseName(node.path), node);
    this.#children.set(parent.index, siblings);
  }
}

const CPU_DIRECTORY_INDEX = 7;

/** The last part of a path. */
export function baseName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** Whether a node is cpuN itself, whose existence depends on who looks. */
export function isCpuDirectory(node: Node): boolean {
  return node.cpu !== undefined && node.index === cpuIndex(node.cpu);
}

export function isCpuRoot(node: Node): boolean {
  return node.index === CPU_DIRECTORY_INDEX;
}

function cpuIndex(cpu: number): number {
  return CPU_NODE_BASE + cpu * CPU_NODE_STRIDE;
}

function pathBelowCpu(node: Node): string {
  return node.path.slice(`${CPU_DIRECTORY}/cpu${node.cpu}/`.length);
}

function directoryIsServed(path: string, served: ReadonlySet<string>): boolean {
  if (path === "") return true;
  for (const file of served) {
    if (file === path || file.startsWith(`${path}/`) || path.startsWith(`${file}/`)) return true;
  }
  return false;
}

function directory(path: string, index: number): Node {
  return { path, index, type: "directory", permissions: DIRECTORY_PERMISSIONS, freshness: "limits" };
}

function symlink({ name, index }: { name: string; index: number }): Node {
  return { path: name, index, type: "symlink", permissions: LINK_PERMISSIONS, freshness: "limits" };
}

function cpuFile(path: string, index: number): Node {
  return { path, index, type: "file", permissions: FILE_PERMISSIONS, freshness: "limits" };
}

function perCpuNode(cpu: number, index: number, perCpu: PerCpu): Node {
  const path = `${CPU_DIRECTORY}/cpu${cpu}${perCpu.path && "/"}${perCpu.path}`;
  return { ...(perCpu.type === "directory" ? directory(path, index) : cpuFile(path, index)), cpu };
}
