// The cluster that test:cluster uses: scripts `up`, `down` and `node` in $PROCVIEW_CLUSTER or ../shared/cluster, or the
// one of $KUBECONFIG. Neither: tests skip, and say so.

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { clusterTool, type Ran, whyNoHelm } from "./helm-binary.ts";
import { buildEnvironment } from "./kubernetes-build/mended.ts";

const ROOT = new URL("../..", import.meta.url).pathname;

export interface Cluster {
  /** The folder of its scripts; "" where there are none. */
  scripts: string;
  /** Whether its node is this machine, so that pods can be run on files that are served here. */
  isHere: boolean;
  /** Where the API server reaches this machine. */
  address: string;
  /** Before a command, so that it runs where the API server can be reached. */
  prefix: readonly string[];
  down(): void;
}

const scripts = [process.env["PROCVIEW_CLUSTER"], join(ROOT, "../shared/cluster")].find(
  (path) => path !== undefined && existsSync(join(path, "up")),
);
const { KUBECONFIG, PROCVIEW_WEBHOOK_HOST } = process.env;

/** Kubernetes is built the first time. */
const UP_MILLIS = 30 * 60_000;

/** Whether the cluster's node is this machine, so that its processes and mounts can be seen and ended. */
export const isHere: boolean = scripts !== undefined;

/** False where there is a cluster; a reason where there is none. */
export const skip: string | false =
  scripts !== undefined || (KUBECONFIG !== undefined && PROCVIEW_WEBHOOK_HOST !== undefined)
    ? false
    : "no cluster: set PROCVIEW_CLUSTER to a folder with up, down and node, or KUBECONFIG and PROCVIEW_WEBHOOK_HOST (where its API server reaches this machine)";

export function up(): Cluster {
  if (scripts === undefined) {
    return { scripts: "", isHere: false, address: PROCVIEW_WEBHOOK_HOST ?? "", prefix: [], down: () => undefined };
  }
  // `kubectl` of the tests, where the machine has none.
  process.env["PATH"] = [
    process.env["PATH"],
    ...(whyNoHelm() === undefined ? [dirname(clusterTool("kubectl"))] : []),
  ].join(":");
  const already = spawnSync(join(scripts, "node"), ["true"]).status === 0;
  const env = buildEnvironment(already);
  const { status, stdout, stderr } = spawnSync(join(scripts, "up"), { encoding: "utf8", timeout: UP_MILLIS, env });
  if (status !== 0) throw new Error(`${scripts}/up: ${stdout}${stderr}`);
  return {
    scripts,
    isHere: true,
    address: "172.30.0.2",
    prefix: [join(scripts, "node")],
    down: () => {
      if (!already) spawnSync(join(scripts, "down"));
    },
  };
}

export type { Ran };

export function kubectl({ prefix }: Cluster, args: readonly string[], input?: object): Ran {
  const [program = "", ...rest] = [...prefix, "kubectl", ...args];
  return spawnSync(program, rest, { encoding: "utf8", input: JSON.stringify(input ?? {}), timeout: 60_000 });
}

/** Runs a command on the node. */
export function onNode({ prefix }: Cluster, command: readonly string[]): Ran {
  const [program = "", ...rest] = [...prefix, ...command];
  return spawnSync(program, rest, { encoding: "utf8", timeout: 60_000, maxBuffer: 2 ** 26 });
}

/** What a command prints in a container, or why it does not. */
export function exec(cluster: Cluster, pod: string, command: string, container = "app"): string {
  const [namespace = "", name = ""] = pod.split("/");
  const { stdout, stderr, status } = kubectl(cluster, [
    ...["exec", "-n", namespace, name, "-c", container, "--", "sh", "-c", command],
  ]);
  if (status !== 0) throw new Error(`${command} in ${pod}: ${stderr}`);
  return stdout;
}

/** What kubectl prints as JSON; throws with what it says where it fails. */
export function get<Value>(cluster: Cluster, args: readonly string[], input?: object): Value {
  const { stdout, stderr, status } = kubectl(cluster, [...args, "-o", "json"], input);
  if (status !== 0) throw new Error(`kubectl ${args.join(" ")}: ${stderr}`);
  return JSON.parse(stdout);
}

export function apply(cluster: Cluster, ...objects: object[]): Ran {
  const ran = kubectl(cluster, ["apply", "-f", "-"], { apiVersion: "v1", kind: "List", items: objects });
  if (ran.status !== 0) throw new Error(`kubectl apply: ${ran.stderr}`);
  return ran;
}

export function startProcview({ prefix }: Cluster, args: readonly string[]): ChildProcess & { said: () => string } {
  const [program = "", ...rest] = [...prefix, process.execPath, join(ROOT, "cli/procview.js"), ...args];
  const child = spawn(program, rest, { stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (said += chunk));
  return Object.assign(child, { said: () => said });
}

const END_MILLIS = 15_000;

/** Ends what startProcview() started. A prefix that changes namespaces waits for its child, and passes no signal on. */
export async function end(child: ChildProcess | undefined): Promise<void> {
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const over = new Promise((resolve) => child.once("exit", resolve));
  const { status } = spawnSync("pkill", ["-TERM", "-P", String(child.pid)]);
  if (status !== 0) child.kill("SIGTERM");
  await Promise.race([over, setTimeout(END_MILLIS)]);
}

/** Polls until `look` gives something; throws what it said last. */
export async function eventually<Value>(what: string, look: () => Value | undefined, seconds = 60): Promise<Value> {
  const end = Date.now() + seconds * 1000;
  let last: unknown;
  while (Date.now() < end) {
    try {
      const value = look();
      if (value !== undefined && value !== false) return value;
    } catch (error) {
      last = error;
    }
    await setTimeout(500);
  }
  throw new Error(`${what}: not within ${seconds} s`, { cause: last });
}
