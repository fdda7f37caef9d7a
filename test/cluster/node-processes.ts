// Processes of the node, as this machine sees them; to be ended, and daemons started again as they were.

import { spawn } from "node:child_process";
import { closeSync, openSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import type { Cluster } from "./cluster.ts";
import { CLUSTER_HOME } from "./kubernetes-build/mended.ts";

interface NodeProcess {
  pid: number;
  /** In the node's pid namespace. */
  pidOnNode: string;
  arguments: string[];
  cgroups: string;
}

/** All processes of the node: in its pid namespace, and in those within it. */
export function nodeProcesses(): NodeProcess[] {
  const first = readFileSync(join(CLUSTER_HOME, "run/pid"), "utf8").trim();
  const namespace = namespaceOf(first);
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  const children = Map.groupBy(pids, (pid) => statusOf(pid, "PPid"));
  const below = (pid: string): string[] => [pid, ...(children.get(pid) ?? []).flatMap(below)];
  // What was started in the namespace from outside is nobody's child in it.
  const all = new Set(pids.filter((pid) => namespaceOf(pid) === namespace).flatMap(below));
  return [...all].flatMap((pid) => {
    const pidOnNode = statusOf(pid, "NSpid")?.split(/\s+/)[1];
    const text = tryRead(`/proc/${pid}/cmdline`);
    if (pidOnNode === undefined || text === undefined) return [];
    const cgroups = tryRead(`/proc/${pid}/cgroup`) ?? "";
    return [{ pid: Number(pid), pidOnNode, arguments: text.split("\0").slice(0, -1), cgroups }];
  });
}

/** The processes of a pod's containers. */
export function processesOfPod(uid: string): NodeProcess[] {
  return nodeProcesses().filter(({ cgroups }) => cgroups.includes(uid));
}

/** Ends a daemon of the node and starts it as it was, with its log. */
export async function restart(cluster: Cluster, name: string): Promise<void> {
  const found = nodeProcesses().filter(({ arguments: [program = ""] }) => program.split("/").at(-1) === name);
  const [daemon] = found;
  if (daemon === undefined) throw new Error(`There is no ${name} on the node`);
  process.kill(daemon.pid, "SIGTERM");
  while (tryRead(`/proc/${daemon.pid}/cmdline`)) await new Promise((resolve) => setTimeout(resolve, 50));
  const log = openSync(join(CLUSTER_HOME, "run/log", name), "a");
  const child = spawn(join(cluster.scripts, "node"), daemon.arguments, {
    detached: true,
    stdio: ["ignore", log, log],
  });
  child.unref();
  closeSync(log);
}

function namespaceOf(pid: string): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/pid`);
  } catch {
    // It has ended.
    return undefined;
  }
}

function statusOf(pid: string, field: string): string | undefined {
  return new RegExp(`^${field}:\\s+(.*)$`, "m").exec(tryRead(`/proc/${pid}/status`) ?? "")?.[1];
}

function tryRead(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    // It has ended.
    return undefined;
  }
}
