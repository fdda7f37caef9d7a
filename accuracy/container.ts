// A container under a load: `procview run` makes it, its first process is stress-ng, and it goes when `run` is told to end.

import type { ChildProcess } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { type Hierarchy, hierarchyOf } from "../node-agent/container/hierarchies.ts";
import { formatCpuList } from "../node-agent/procfs/cpu-list.ts";
import { parsePidStat } from "../node-agent/procfs/pid-stat.ts";
import { parsePidStatus } from "../node-agent/procfs/pid-status.ts";
import { parseUptime } from "../node-agent/procfs/uptime.ts";
import { type Case, type Share, shareOf, stressCommand, workersFor } from "./cases.ts";
import { end, isRunning, start, until } from "./children.ts";
import { UsageMeter } from "./usage-meter.ts";

const PROGRAM = new URL("../cli/procview.js", import.meta.url).pathname;
const START_LIMIT_MILLIS = 20_000;
/** Should nobody end it. */
const LOAD_LIMIT_SECONDS = 120;
const MILLIS_PER_TICK = 10;

export interface Machine {
  hierarchies: readonly Hierarchy[];
  onlineCount: number;
}

export interface Container extends AsyncDisposable {
  /** Its first process, as the host numbers it. */
  init: number;
  /** Its cgroup in every hierarchy. */
  directories: readonly string[];
  share: Share;
  /** When the load began, of performance.now(). */
  loadStartMillis: number;
  meter: UsageMeter;
}

/** Returns once the load runs. */
export async function startContainer({ limits, loadPercent }: Case, machine: Machine): Promise<Container> {
  const share = shareOf(limits, machine.onlineCount);
  const cpuset = limits.cpuset === undefined ? [] : ["--cpuset", formatCpuList(limits.cpuset)];
  const flags = ["--cpus", String(limits.cpus), ...cpuset];
  const load = stressCommand(share.capacity, loadPercent, LOAD_LIMIT_SECONDS);
  const child = start([process.execPath, PROGRAM, "run", ...flags, "--", ...load]);
  const cleanUp = new AsyncDisposableStack();
  cleanUp.defer(() => end(child));
  try {
    const directories = await cgroupOf(child, machine.hierarchies);
    const meter = cleanUp.use(meterOf(directories, machine.hierarchies));
    // stress-ng itself, and its workers.
    const count = 1 + workersFor(share.capacity, loadPercent);
    const pids = await until("the load in the container", START_LIMIT_MILLIS, () => loadOf(child, directories, count));
    return {
      init: pids.find(isInit) ?? 0,
      directories,
      share,
      loadStartMillis: Math.max(...pids.map(startMillisOf)),
      meter,
      [Symbol.asyncDispose]: () => cleanUp.disposeAsync(),
    };
  } catch (error) {
    await cleanUp.disposeAsync();
    throw error;
  }
}

/** Its cgroup in every hierarchy, once it is there. */
async function cgroupOf(run: ChildProcess, hierarchies: readonly Hierarchy[]): Promise<string[]> {
  let errors = "";
  run.stderr?.on("data", (chunk: Buffer) => {
    errors += chunk.toString();
  });
  return await until("the container", START_LIMIT_MILLIS, () => {
    if (!isRunning(run)) throw new Error(`procview run ended with ${run.exitCode}: ${errors.trim()}`);
    const directories = directoriesOf(run.pid ?? 0, hierarchies);
    return pidsIn(directories[0]).length > 0 ? directories : undefined;
  });
}

function meterOf(directories: readonly string[], hierarchies: readonly Hierarchy[]): UsageMeter {
  const accounting = hierarchyOf(hierarchies, "cpuacct");
  const directory = directories.find((path) => path.startsWith(`${accounting?.mountPoint}/`));
  if (accounting === undefined || directory === undefined) throw new Error("No cgroup hierarchy counts CPU time");
  return new UsageMeter(directory, accounting.version);
}

/** The load's processes, once there are as many. */
function loadOf(run: ChildProcess, [directory]: readonly string[], count: number): number[] | undefined {
  if (!isRunning(run)) throw new Error(`the load ended with ${run.exitCode}`);
  const pids = pidsIn(directory);
  return pids.length >= count ? pids : undefined;
}

/** `procview run` names its cgroup by its own pid. */
function directoriesOf(pid: number, hierarchies: readonly Hierarchy[]): string[] {
  return hierarchies.flatMap(({ mountPoint }) => {
    const parent = `${mountPoint}/procview`;
    return namesIn(parent)
      .filter((name) => name.startsWith(`run-${pid}-`))
      .map((name) => `${parent}/${name}`);
  });
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return []; // Not made yet.
  }
}

function pidsIn(directory: string | undefined): number[] {
  if (directory === undefined) return [];
  const text = readFileSync(`${directory}/cgroup.procs`, "latin1");
  return text.split("\n").filter(Boolean).map(Number);
}

function isInit(pid: number): boolean {
  return parsePidStatus(readFileSync(`/proc/${pid}/status`, "latin1")).nsPids.at(-1) === 1;
}

function startMillisOf(pid: number): number {
  const { upSeconds } = parseUptime(readFileSync("/proc/uptime", "latin1"));
  const { startTicks } = parsePidStat(readFileSync(`/proc/${pid}/stat`, "latin1"));
  return performance.now() - (upSeconds * 1000 - startTicks * MILLIS_PER_TICK);
}
