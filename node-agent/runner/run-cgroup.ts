// Makes the cgroup of a run, in every hierarchy the machine has: v1, hybrid and v2 (cgroup-v2.rst, cgroup-v1/*.rst).

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { type Hierarchy, hierarchyOf } from "../container/hierarchies.ts";
import { formatCpuList } from "../procfs/cpu-list.ts";
import type { RunLimits } from "./run-limits.ts";

/** Where runs stand in each hierarchy. */
export const RUNS_CGROUP = "procview";

const ATTEMPTS = 10;
const PERIOD_MICROS = 100_000;
const CONTROLLERS = ["memory", "cpu", "cpuacct", "cpuset", "io", "blkio", "pids"] as const;

export class DelegationError extends Error {
  constructor(subject: string, cause?: unknown) {
    super(`${subject}; run on the host, or in a cgroup that was delegated (systemd-run -p Delegate=yes ...)`, {
      cause,
    });
    this.name = "DelegationError";
  }
}

/** A file to write: which controller's, named as on v1 and on v2. */
interface Setting {
  controller: (typeof CONTROLLERS)[number];
  v1: string;
  v2: string;
  valueV1: string;
  valueV2: string;
}

/** What the limits mean in control files, in the order they must be written. */
export function settingsOf(limits: RunLimits): Setting[] {
  const settings: Setting[] = [];
  const add = (controller: Setting["controller"], v1: string, v2: string, valueV1: string, valueV2 = valueV1): void => {
    settings.push({ controller, v1, v2, valueV1, valueV2 });
  };
  if (limits.memoryBytes !== undefined) {
    add("memory", "memory.limit_in_bytes", "memory.max", String(limits.memoryBytes));
  }
  if (limits.memorySwapBytes !== undefined) {
    const both = limits.memorySwapBytes === "max" ? "-1" : String(limits.memorySwapBytes);
    const swap = limits.memorySwapBytes === "max" ? "max" : String(limits.memorySwapBytes - (limits.memoryBytes ?? 0));
    add("memory", "memory.memsw.limit_in_bytes", "memory.swap.max", both, swap);
  }
  if (limits.cpus !== undefined) {
    const quota = String(Math.round(limits.cpus * PERIOD_MICROS));
    add("cpu", "cpu.cfs_quota_us", "cpu.max", quota, `${quota} ${PERIOD_MICROS}`);
  }
  if (limits.cpuset !== undefined) add("cpuset", "cpuset.cpus", "cpuset.cpus", formatCpuList(limits.cpuset));
  if (limits.pids !== undefined) add("pids", "pids.max", "pids.max", String(limits.pids));
  return settings;
}

export interface RunCgroup {
  /** One directory in each hierarchy, and the parent each stands in. */
  directories: readonly string[];
  parents: readonly string[];
}

/** Where the cgroup of that name stands; nothing is made yet. */
export function planRunCgroup(hierarchies: readonly Hierarchy[], name: string): RunCgroup {
  const used = hierarchies.filter(isUsed);
  return {
    directories: used.map(({ mountPoint }) => `${mountPoint}/${RUNS_CGROUP}/${name}`),
    parents: used.map(({ mountPoint }) => `${mountPoint}/${RUNS_CGROUP}`),
  };
}

/** Creates the cgroup and sets the limits. Throws DelegationError; what is made by then is the caller's to remove. */
export function createRunCgroup(hierarchies: readonly Hierarchy[], name: string, limits: RunLimits): void {
  for (const hierarchy of hierarchies.filter(isUsed)) makeIn(hierarchy, name);
  for (const setting of settingsOf(limits)) apply(hierarchies, name, setting);
}

/** Moves a process into the cgroup, in every hierarchy. */
export function enterRunCgroup(cgroup: RunCgroup, pid: number): void {
  for (const directory of cgroup.directories) writeControl(`${directory}/cgroup.procs`, String(pid));
}

function isUsed({ version, controllers }: Hierarchy): boolean {
  return version === 2 || controllers.some((controller) => CONTROLLERS.includes(controller as never));
}

function makeIn(hierarchy: Hierarchy, name: string): void {
  const parent = `${hierarchy.mountPoint}/${RUNS_CGROUP}`;
  try {
    let attempts = 1;
    while (!makeOnce(hierarchy, parent, `${parent}/${name}`, attempts === ATTEMPTS)) attempts += 1;
  } catch (error) {
    throw new DelegationError(`Cannot make the cgroup ${parent}/${name}: ${(error as Error).message}`, error);
  }
}

/** False where another run, ending, has removed the shared parent meanwhile; on the last attempt that is an error. */
function makeOnce(hierarchy: Hierarchy, parent: string, leaf: string, last: boolean): boolean {
  const controllers = hierarchy.controllers.filter((controller) => CONTROLLERS.includes(controller as never));
  try {
    makeShared(parent);
    if (hierarchy.version === 2) for (const directory of [hierarchy.mountPoint, parent]) enable(directory, controllers);
    inheritCpuset(hierarchy, parent);
    mkdirSync(leaf);
    inheritCpuset(hierarchy, leaf);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT" && !last) return false;
    throw error;
  }
}

function makeShared(directory: string): void {
  try {
    mkdirSync(directory);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
}

/** A controller that cannot be passed on is missed only if a limit needs it. */
function enable(directory: string, controllers: readonly string[]): void {
  const enabled = readFileSync(`${directory}/cgroup.subtree_control`, "utf8").split(/\s+/);
  for (const controller of controllers) {
    if (enabled.includes(controller)) continue;
    try {
      writeFileSync(`${directory}/cgroup.subtree_control`, `+${controller}`);
    } catch {
      // Said by `apply` where it matters, with the name of the limit.
    }
  }
}

/** A v1 cpuset starts empty, and an empty one takes no process. */
function inheritCpuset(hierarchy: Hierarchy, directory: string): void {
  if (hierarchy.version !== 1 || !hierarchy.controllers.includes("cpuset")) return;
  for (const file of ["cpuset.cpus", "cpuset.mems"]) {
    if (readFileSync(`${directory}/${file}`, "utf8").trim() !== "") continue;
    writeFileSync(`${directory}/${file}`, readFileSync(`${directory}/../${file}`));
  }
}

function apply(hierarchies: readonly Hierarchy[], name: string, setting: Setting): void {
  const hierarchy = hierarchyOf(hierarchies, setting.controller);
  if (hierarchy === undefined)
    throw new DelegationError(`No cgroup hierarchy has the ${setting.controller} controller`);
  const file = hierarchy.version === 2 ? setting.v2 : setting.v1;
  const value = hierarchy.version === 2 ? setting.valueV2 : setting.valueV1;
  writeControl(`${hierarchy.mountPoint}/${RUNS_CGROUP}/${name}/${file}`, value);
}

function writeControl(path: string, value: string): void {
  try {
    writeFileSync(path, value, { flag: "r+" });
  } catch (error) {
    throw new DelegationError(`Cannot write "${value}" to ${path}: ${(error as NodeJS.ErrnoException).code}`, error);
  }
}
