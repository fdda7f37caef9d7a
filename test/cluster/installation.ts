// procview as helm installs it into the cluster, with the image of `npm run image`.

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { DEFAULT_ROOT, treeBelow } from "../../contract/host-paths.ts";
import { version } from "../../contract/version.ts";
import type { Pod } from "../../injection/pod.ts";
import { type Cluster, eventually, get, isHere, kubectl, onNode, type Ran } from "./cluster.ts";
import { clusterTool, whyNoHelm } from "./helm-binary.ts";

export const SYSTEM = "procview-system";
const ROOT = new URL("../..", import.meta.url).pathname;
const CHART = `${ROOT}charts/procview`;
const ARCHIVE = `${ROOT}.cache/image/procview-${version}.tar`;
const WAIT_SECONDS = 180;

/** False where helm can install the image; else why not. */
export const skipInstallation: string | false = reason() ?? false;

function reason(): string | undefined {
  if (!isHere) return "no cluster whose node is this machine: set PROCVIEW_CLUSTER";
  return existsSync(ARCHIVE) ? whyNoHelm() : `no ${ARCHIVE}: run "npm run image"`;
}

export type Values = Readonly<Record<string, string>>;

export class Installation {
  readonly #cluster: Cluster;

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
    const { status, stderr } = onNode(cluster, ["ctr", "-a", CONTAINERD, "-n", "k8s.io", "images", "import", ARCHIVE]);
    if (status !== 0) throw new Error(`ctr images import ${ARCHIVE}: ${stderr}`);
  }

  /** `helm upgrade --install`; returns when what it installs is ready. */
  install(values: Values = {}): void {
    const chosen = { "image.repository": "localhost/procview", "image.pullPolicy": "Never", ...values };
    const set = Object.entries(chosen).flatMap(([name, value]) => ["--set", `${name}=${value}`]);
    this.helm(["upgrade", "--install", "procview", CHART, "--create-namespace", ...WAIT, ...set]);
  }

  rollback(): void {
    this.helm(["rollback", "procview", ...WAIT]);
  }

  uninstall(): void {
    this.helm(["uninstall", "procview", ...WAIT]);
  }

  /** Throws with what helm says where it fails. */
  helm(args: readonly string[]): Ran {
    const [program = "", ...rest] = [...this.#cluster.prefix, clusterTool("helm"), "-n", SYSTEM, ...args];
    const ran = spawnSync(program, rest, { encoding: "utf8", timeout: 2 * WAIT_SECONDS * 1000, maxBuffer: 2 ** 26 });
    if (ran.status !== 0) throw new Error(`helm ${args.join(" ")}: ${ran.stdout}${ran.stderr}`);
    return ran;
  }

  /** Returns when the agent of the node is ready, and is not one of those. */
  async readyAgent(others: readonly string[] = []): Promise<AgentPod> {
    return await eventually("a ready agent", () =>
      this.agents().find(({ uid, ready }) => ready && !others.includes(uid)),
    );
  }

  agents(): AgentPod[] {
    const selector = "app.kubernetes.io/component=agent";
    const { items } = get<{ items: PodObject[] }>(this.#cluster, ["get", "pods", "-n", SYSTEM, "-l", selector]);
    return items
      .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
      .map(({ metadata: { name, uid }, status: { containerStatuses = [] } }) => ({
        name,
        uid,
        ready: containerStatuses.length > 0 && containerStatuses.every(({ ready }) => ready),
        restarts: containerStatuses.reduce((sum, { restartCount }) => sum + restartCount, 0),
      }));
  }

  /** Has `procview` run in the agent's pod. */
  procview(args: readonly string[]): Ran {
    return kubectl(this.#cluster, ["exec", "-n", SYSTEM, "daemonset/procview-agent", "--", "procview", ...args]);
  }
}

const CONTAINERD = "/run/containerd/containerd.sock";
const WAIT = ["--wait", "--timeout", `${WAIT_SECONDS}s`];

export interface AgentPod {
  name: string;
  uid: string;
  ready: boolean;
  restarts: number;
}

interface PodObject {
  metadata: { name: string; uid: string; deletionTimestamp?: string };
  status: { containerStatuses?: { ready: boolean; restartCount: number }[] };
}

export interface Event {
  reason: string;
  message: string;
  involvedObject: { name: string };
}

/** Whether files of procview are among its volumes. */
export function isInjected({ spec }: Pod): boolean {
  return (spec?.volumes ?? []).some(({ hostPath }) => hostPath?.path?.startsWith(treeBelow(DEFAULT_ROOT)));
}
