// The cgroups of one run of a benchmark, all below a folder of its own: limited containers, and one around each server.
// The cgroups around a server count all its CPU time, that of its short-lived threads and children too, and its memory.

import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmdirSync, writeFileSync, writeSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { findHierarchies, type Hierarchy, hierarchyOf } from "../../node-agent/container/hierarchies.ts";
import { HostFiles } from "../../node-agent/host/host-files.ts";
import { settingsOf } from "../../node-agent/runner/run-cgroup.ts";
import type { RunLimits } from "../../node-agent/runner/run-limits.ts";
import { allowOneDisk } from "./one-disk.ts";
import { killAll } from "./processes.ts";

/** What v2 has to pass on, as far as it has it; v1 passes on all. */
const CONTROLLERS = ["memory", "cpu", "cpuset", "io", "pids"];
const REMOVAL_ATTEMPTS = 100;
const REMOVAL_PAUSE_MILLIS = 50;

export class BenchCgroups {
  readonly #folder = `procview-bench-${process.pid}`;
  readonly #hierarchies: readonly Hierarchy[] = findHierarchies(new HostFiles());
  readonly #made: string[] = [];
  #containers = 0;
  #interrupted = false;

  /** A cgroup named as docker names them, with limits, in every hierarchy; its directories. */
  container(limits: RunLimits): string[] {
    if (this.#interrupted) throw new Error("Interrupted");
    this.#containers += 1;
    const id = this.#containers.toString(16).padStart(64, "0");
    for (const hierarchy of this.#hierarchies) this.#make(hierarchy, `docker/${id}`);
    for (const { controller, v1, v2, valueV1, valueV2 } of settingsOf(limits)) {
      const hierarchy = this.#hierarchyOf(controller);
      const [file, value] = hierarchy.version === 2 ? [v2, valueV2] : [v1, valueV1];
      writeControl(`${hierarchy.mountPoint}/${this.#folder}/docker/${id}/${file}`, value);
    }
    const directories = this.#hierarchies.map(({ mountPoint }) => `${mountPoint}/${this.#folder}/docker/${id}`);
    for (const directory of directories) if (existsSync(`${directory}/devices.deny`)) allowOneDisk(directory);
    return directories;
  }

  /** Cgroups without limits around a server, where CPU time and memory are counted; on v2 they are one. */
  server(name: string): ServerCgroup {
    const [cpu, memory] = [this.#hierarchyOf("cpuacct"), this.#hierarchyOf("memory")];
    const path = `server-${name}`;
    return new ServerCgroup(this.#make(cpu, path), this.#make(memory, path), cpu.version, memory.version);
  }

  /** Ends what runs in containers: whoever measures there fails, and cleans up on the way out. */
  interrupt(): void {
    this.#interrupted = true;
    for (const directory of this.#made.filter((name) => name.includes("/docker/"))) killAll(pidsIn(directory));
  }

  /** Removes all of them; waits for processes that are ending. */
  async remove(): Promise<void> {
    for (const directory of this.#made.reverse()) await removeDirectory(directory);
    this.#made.length = 0;
  }

  #hierarchyOf(controller: string): Hierarchy {
    const hierarchy = hierarchyOf(this.#hierarchies, controller);
    if (hierarchy === undefined) throw new Error(`No cgroup hierarchy has the ${controller} controller`);
    return hierarchy;
  }

  #make(hierarchy: Hierarchy, path: string): string {
    let directory = hierarchy.mountPoint;
    for (const name of [this.#folder, ...path.split("/")]) {
      passOn(hierarchy, directory);
      directory = `${directory}/${name}`;
      if (!existsSync(directory)) {
        mkdirSync(directory);
        this.#made.push(directory);
      }
      inheritCpuset(hierarchy, directory);
    }
    return directory;
  }
}

export class ServerCgroup {
  readonly directories: readonly string[];
  readonly #cpu: string;
  readonly #memory: string;
  readonly #cpuVersion: 1 | 2;
  readonly #memoryVersion: 1 | 2;

  constructor(cpu: string, memory: string, cpuVersion: 1 | 2, memoryVersion: 1 | 2) {
    this.directories = [...new Set([cpu, memory])];
    this.#cpu = cpu;
    this.#memory = memory;
    this.#cpuVersion = cpuVersion;
    this.#memoryVersion = memoryVersion;
  }

  /** CPU time of all that ever ran in it. */
  cpuNanos(): number {
    if (this.#cpuVersion === 1) return Number(readFileSync(`${this.#cpu}/cpuacct.usage`, "utf8"));
    return Number(/^usage_usec (\d+)$/m.exec(readFileSync(`${this.#cpu}/cpu.stat`, "utf8"))?.[1]) * 1000;
  }

  /** All that the kernel charges to it: anonymous and shared memory, its own on behalf of it, files it read first. */
  chargedBytes(): number {
    const file = this.#memoryVersion === 1 ? "memory.usage_in_bytes" : "memory.current";
    return Number(readFileSync(`${this.#memory}/${file}`, "utf8"));
  }

  pids(): number[] {
    return pidsIn(this.#cpu);
  }
}

function pidsIn(directory: string): number[] {
  return readFileSync(`${directory}/cgroup.procs`, "utf8").split("\n").filter(Boolean).map(Number);
}

/** On v2 a controller reaches a cgroup only if every ancestor passes it on. */
function passOn(hierarchy: Hierarchy, directory: string): void {
  if (hierarchy.version === 1) return;
  for (const controller of hierarchy.controllers.filter((name) => CONTROLLERS.includes(name))) {
    writeControl(`${directory}/cgroup.subtree_control`, `+${controller}`);
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

/** Control files are opened as they are: the flags that create or empty a file are refused by some kernels. */
function writeControl(path: string, value: string): void {
  const file = openSync(path, "r+");
  try {
    writeSync(file, value);
  } finally {
    closeSync(file);
  }
}

async function removeDirectory(directory: string): Promise<void> {
  for (let attempt = 1; existsSync(directory); attempt += 1) {
    try {
      rmdirSync(directory);
    } catch (error) {
      if (attempt === REMOVAL_ATTEMPTS) throw error;
      await sleep(REMOVAL_PAUSE_MILLIS);
    }
  }
}
