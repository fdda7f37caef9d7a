// Cgroups of tests, in every hierarchy this machine has: v1, hybrid and v2. What was there before stays as it is.

import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { findHierarchies, type Hierarchy, hierarchyOf } from "../../node-agent/container/hierarchies.ts";
import { HostFiles } from "../../node-agent/host/host-files.ts";
import { settingsOf } from "../../node-agent/runner/run-cgroup.ts";
import type { RunLimits } from "../../node-agent/runner/run-limits.ts";
import { runProgram, TEST_NAME, until } from "./harness.ts";

/** Controllers that limits need. On v2 they are passed on to cgroups with limits only. */
const CONTROLLERS = ["memory", "cpu", "cpuset", "io", "pids"];

export interface TestCgroup {
  path: string;
  /** One in each hierarchy. */
  directories: readonly string[];
  set(limits: RunLimits): void;
  /** Moves a process of the test's own into it. */
  take(pid: number): void;
  /** Processes in it and in those below it. */
  pids(): number[];
  /** Their threads. */
  tids(): number[];
  /** What a shell command prints that enters the cgroup first, in the host's namespaces. Fails unless it succeeds. */
  run(script: string): string;
}

/** Makes cgroups; removes them at the end of the scope, and fails where it cannot. */
export class TestCgroups implements AsyncDisposable {
  /** Below it nothing meets cgroups of the machine, nor those of other tests. */
  readonly root: string = `/${TEST_NAME}`;
  readonly #hierarchies = findHierarchies(new HostFiles());
  readonly #made: string[] = [];

  /** Limits, also none ({}), have controllers passed on to it; on v2 no ancestor but the root may then have processes. */
  make(path: string, limits?: RunLimits): TestCgroup {
    for (const hierarchy of this.#hierarchies) this.#makeIn(hierarchy, path, limits !== undefined);
    const directories = this.#hierarchies.map(({ mountPoint }) => mountPoint + path);
    const set = (values: RunLimits): void => {
      for (const { controller, ...setting } of settingsOf(values)) {
        const hierarchy = hierarchyOf(this.#hierarchies, controller);
        assert.ok(hierarchy, `no hierarchy has the ${controller} controller`);
        const [file, value] = hierarchy.version === 1 ? [setting.v1, setting.valueV1] : [setting.v2, setting.valueV2];
        writeFileSync(`${hierarchy.mountPoint}${path}/${file}`, value, { flag: "r+" });
      }
    };
    set(limits ?? {});
    return {
      path,
      directories,
      set,
      take: (pid) => {
        for (const directory of directories) writeFileSync(`${directory}/cgroup.procs`, String(pid));
      },
      pids: () => listed(directories[0] as string, ["cgroup.procs"]),
      tids: () => listed(directories[0] as string, ["cgroup.threads", "tasks"]),
      run: (script) => runIn(directories, script),
    };
  }

  #makeIn(hierarchy: Hierarchy, path: string, limited: boolean): void {
    let parent = hierarchy.mountPoint;
    for (const name of path.split("/").slice(1)) {
      const directory = `${parent}/${name}`;
      if (hierarchy.version === 2 && limited) passOn(hierarchy, parent);
      if (!existsSync(directory)) {
        mkdirSync(directory);
        this.#made.push(directory);
        inheritCpuset(directory);
      }
      parent = directory;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const directory of this.#made.splice(0).reverse()) {
      await until(`${directory} is removed`, () => removed(directory));
    }
  }
}

function passOn(hierarchy: Hierarchy, directory: string): void {
  const file = `${directory}/cgroup.subtree_control`;
  const enabled = readFileSync(file, "utf8").trim().split(" ");
  for (const controller of CONTROLLERS) {
    if (hierarchy.controllers.includes(controller) && !enabled.includes(controller)) {
      writeFileSync(file, `+${controller}`);
    }
  }
}

/** A v1 cpuset starts empty, and an empty one takes no process. */
function inheritCpuset(directory: string): void {
  for (const file of ["cpuset.cpus", "cpuset.mems"]) {
    const path = `${directory}/${file}`;
    if (existsSync(`${directory}/cpuset.effective_cpus`)) writeFileSync(path, readFileSync(`${directory}/../${file}`));
  }
}

/** False while a process that was killed is still on its way out. */
function removed(directory: string): boolean {
  try {
    rmdirSync(directory);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EBUSY") return false;
    throw error;
  }
  return true;
}

/** Numbers in the first of the files that there is, in a cgroup and those below it. */
function listed(directory: string, names: readonly string[]): number[] {
  const file = names.map((name) => `${directory}/${name}`).find(existsSync);
  if (file === undefined) return [];
  const own = readFileSync(file, "utf8").split("\n").filter(Boolean).map(Number);
  const below = readdirSync(directory, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return [...own, ...below.flatMap(({ name }) => listed(`${directory}/${name}`, names))];
}

/** Has a shell enter a cgroup; "0" is the process that writes. */
export function entering(directories: readonly string[]): string {
  return directories.map((directory) => `echo 0 >'${directory}/cgroup.procs' || exit 1`).join("\n");
}

function runIn(directories: readonly string[], script: string): string {
  const { status, stdout, stderr } = runProgram("sh", ["-c", `${entering(directories)}\n${script}`]);
  assert.equal(status, 0, `${script}: ${stderr}`);
  return stdout;
}
