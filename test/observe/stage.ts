// What is observed: an agent with containers that read, a webhook that reviews, and a Prometheus that scrapes both, with
// the shipped alerts.

import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { targetsOf } from "../cluster/pod-discovery.ts";
import { AgentRoot, kill, type TestAgent } from "../mount/agents.ts";
import { TestCgroups } from "../mount/cgroups.ts";
import { until } from "../mount/harness.ts";
import { startContainer, type TestContainer } from "../mount/test-container.ts";
import { freePort, type Prometheus, startPrometheus } from "./prometheus.ts";
import { SOONER, scrapeConfig } from "./scrape-config.ts";
import { startWebhookProcess, type WebhookProcess } from "./webhook-process.ts";

const FILES = ["meminfo", "stat", "cpuinfo", "uptime", "loadavg", "swaps", "diskstats"].map((name) => `proc/${name}`);

export interface StageOptions {
  containers: number;
  scrapeSeconds: number;
  agentFlags?: readonly string[];
}

export class Stage implements AsyncDisposable {
  readonly root: AgentRoot;
  readonly webhook: WebhookProcess;
  readonly prometheus: Prometheus;
  readonly containers: TestContainer[] = [];
  agent: TestAgent;
  readonly #undo: AsyncDisposableStack;
  readonly #flags: readonly string[];
  readonly #cgroups: TestCgroups;

  private constructor(parts: Pick<Stage, "root" | "webhook" | "prometheus" | "agent">, kept: Kept) {
    this.root = parts.root;
    this.webhook = parts.webhook;
    this.prometheus = parts.prometheus;
    this.agent = parts.agent;
    this.#undo = kept.undo;
    this.#flags = kept.flags;
    this.#cgroups = kept.cgroups;
  }

  static async open(options: StageOptions): Promise<Stage> {
    await using undo = new AsyncDisposableStack();
    const root = undo.use(new AgentRoot());
    const port = await freePort();
    const flags = ["--listen", `127.0.0.1:${port}`, ...(options.agentFlags ?? [])];
    const agent = await root.start(flags);
    const cgroups = undo.use(new TestCgroups());
    const webhook = undo.use(await startWebhookProcess());
    const folder = writePods(port, webhook.operationsPort);
    undo.defer(() => rmSync(folder, { recursive: true }));
    const config = scrapeConfig(join(folder, "pods.json"), options.scrapeSeconds);
    const prometheus = undo.use(await startPrometheus({ config, rules: [SOONER] }));
    const kept: Kept = { undo: undo.move(), flags, cgroups };
    const stage = new Stage({ root, webhook, prometheus, agent }, kept);
    for (let n = 0; n < options.containers; n += 1) await stage.addContainer();
    return stage;
  }

  /** One more, that reads all the while. */
  async addContainer(): Promise<TestContainer> {
    const number = this.containers.length;
    const id = (number + 1).toString(16).padStart(64, "0");
    const cgroup = this.#cgroups.make(`${this.#cgroups.root}/docker/${id}`, { memoryBytes: 64 * 2 ** 20 });
    const files = number % 4 === 3 ? FILES.slice(0, 2) : FILES;
    const container = await startContainer({ cgroup, mount: this.root.mountPoint, files });
    this.#undo.use(container);
    this.containers.push(container);
    const paths = files.map((path) => `/${path}`).join(" ");
    container.start(
      `while :; do cat ${paths}; ls ${this.root.mountPoint}/proc/nothing; sleep 0.${(number % 5) + 2}; done >/dev/null 2>&1`,
    );
    return container;
  }

  /** Has the webhook review pods at about that rate, until the stage is taken down. */
  review(perSecond: number): void {
    const over = new AbortController();
    const reviews = this.#review(perSecond, over.signal);
    this.#undo.defer(async () => {
      over.abort();
      await reviews;
    });
  }

  async #review(perSecond: number, signal: AbortSignal): Promise<void> {
    for (let n = 0; !signal.aborted; n += 1) {
      await this.webhook.review(n);
      await sleep(1000 / perSecond);
    }
  }

  /** The next one goes on where the one before was killed. */
  async startAgent(): Promise<void> {
    this.agent = await this.root.start(this.#flags);
  }

  async killAgent(): Promise<void> {
    this.root.server(this.agent);
    kill(this.agent.pid);
    await once(this.agent.process, "exit");
  }

  /** Has an alert's state reached, as Prometheus' API tells it. */
  async alertIs(name: string, state: "pending" | "firing", millis = 60_000): Promise<void> {
    await until(`${name} is ${state}`, async () => (await this.#alert(name))?.state === state, millis);
  }

  async #alert(name: string) {
    return (await this.prometheus.alerts()).find(({ labels }) => labels["alertname"] === name);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#undo.disposeAsync();
  }
}

interface Kept {
  undo: AsyncDisposableStack;
  flags: readonly string[];
  cgroups: TestCgroups;
}

/** A pod that a scrape of this machine's port would find, as the chart makes them. */
function podAt(port: number, component: string) {
  return {
    metadata: {
      name: `procview-${component}-0`,
      namespace: "procview-system",
      labels: { "app.kubernetes.io/name": "procview", "app.kubernetes.io/component": component },
      annotations: {
        "prometheus.io/scrape": "true",
        "prometheus.io/port": `${port}`,
        "prometheus.io/path": "/metrics",
      },
    },
    // The port that a pod names first need not be that of its metrics.
    spec: { nodeName: "this-machine", containers: [{ name: component, ports: [{ containerPort: 1 }] }] },
    status: { podIP: "127.0.0.1", phase: "Running" },
  };
}

function writePods(agentPort: number, webhookPort: number): string {
  const folder = mkdtempSync(join(tmpdir(), "procview-pods-"));
  const pods = [podAt(agentPort, "agent"), podAt(webhookPort, "webhook")];
  writeFileSync(join(folder, "pods.json"), JSON.stringify(pods.flatMap(targetsOf)));
  return folder;
}
