// `procview agent` from its start to its end.

import type { Server } from "node:http";
import { flushCompileCache } from "node:module";
import type { NodeReport } from "../../contract/node-report.ts";
import { keepResidentMemorySmall } from "../linux/resident-memory.ts";
import type { PodCpuView } from "../render/pod-cpu-views.ts";
import type { AgentMetrics } from "../telemetry/agent-metrics.ts";
import type { Logger } from "../telemetry/log.ts";
import { Agent } from "./agent.ts";
import { AgentLock } from "./agent-lock.ts";
import { type AgentOptions, agentPaths } from "./agent-options.ts";
import { cleanNode } from "./clean-node.ts";
import { startHealthServer } from "./health-server.ts";
import { removeKeeperCgroups } from "./keeper-cgroups.ts";
import { visiblePath } from "./mount-place.ts";
import { Readiness } from "./readiness.ts";
import { notify } from "./sd-notify.ts";

/** What else an agent does while it serves, such as attaching: started when the mount answers, stopped before it ends. */
export interface Companion {
  start(run: RunningAgent): Promise<void> | void;
  stop(): Promise<void>;
}

export interface RunningAgent {
  /** Undefined: readers are answered. Else why not. */
  notReady(): Promise<string | undefined>;
  /** Has CPUs of some pods, all that there are, counted otherwise than this installation does. */
  showCpus(views: readonly PodCpuView[]): void;
  /** Takes everything of ours off the node; the process idles afterwards. Throws where it cannot, and serves on. */
  clean(): Promise<void>;
}

type State = "waiting" | "serving" | "cleaning" | "cleaned" | "ending";

/** How long a successor may take. */
const HAND_OVER_MILLIS = 5000;

/**
 * Of states in which nobody is served, or not for long. One that waits is as ready as the one that serves: a rollout that
 * starts the next before it ends the last waits for that.
 */
const WHY_NOT_READY: Readonly<Partial<Record<State, string>>> = {
  cleaned: "cleaned: uninstalled from this node, this pod waits for its end",
  ending: "ending: another agent may serve",
};

export interface Company {
  companions: readonly Companion[];
  /** For /containers; undefined where nobody knows of pods. */
  report(): NodeReport | undefined;
}

/** Serves until it is told to end or the file system is unmounted. */
export async function runAgent(
  options: AgentOptions,
  log: Logger,
  metrics: AgentMetrics,
  company: Company,
): Promise<void> {
  await new AgentRun(options, log, metrics, company).toTheEnd();
}

class AgentRun implements RunningAgent {
  readonly #options: AgentOptions;
  readonly #log: Logger;
  readonly #metrics: AgentMetrics;
  readonly #company: Company;
  readonly #agent: Agent;
  readonly #readiness: Readiness;
  readonly #lock: AgentLock;
  readonly #asked = new AbortController();
  #state: State = "waiting";

  constructor(options: AgentOptions, log: Logger, metrics: AgentMetrics, company: Company) {
    const { run, mountPoint } = agentPaths(options.root);
    this.#options = options;
    this.#log = log;
    this.#metrics = metrics;
    this.#company = company;
    this.#agent = new Agent(options, log, metrics);
    const probed = visiblePath({ mountPoint, namespace: options.hostMountNamespace });
    this.#readiness = new Readiness(probed, options.probeMillis, metrics);
    this.#lock = new AgentLock(run);
  }

  async toTheEnd(): Promise<void> {
    const { signal } = this.#asked;
    for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, () => this.#asked.abort(name));
    const health = await this.#answerHealth();
    const waits = (): void => this.#log.info({ root: this.#options.root }, "another agent serves; waiting for its end");
    try {
      if (!(await this.#lock.acquire(waits, signal))) return;
      await this.#agent.start(() => {
        if (this.#state === "serving") this.#asked.abort("unmounted");
      });
      this.#state = "serving";
      for (const companion of this.#company.companions) await companion.start(this);
      notify(process.env, "READY=1");
      // Normally written at the end of a process, which for this one may be a kill.
      flushCompileCache();
      keepResidentMemorySmall();
      await aborted(signal);
      notify(process.env, "STOPPING=1");
      for (const companion of this.#company.companions.toReversed()) await companion.stop();
      await this.#end();
    } finally {
      // What is left serves on, and the keeper has the session: also after a failure.
      this.#agent.leave();
      health.close();
      health.closeAllConnections();
    }
  }

  async notReady(): Promise<string | undefined> {
    return WHY_NOT_READY[this.#state] ?? (await this.#readiness.problem());
  }

  showCpus(views: readonly PodCpuView[]): void {
    if (this.#state === "serving") this.#agent.showCpus(views);
  }

  async clean(): Promise<void> {
    this.#state = "cleaning";
    try {
      await cleanNode(this.#agent, this.#options);
      this.#state = "cleaned";
      // For one that waits and is told the same.
      this.#lock.release();
    } catch (error) {
      this.#state = "serving";
      throw error;
    }
  }

  async #answerHealth(): Promise<Server> {
    const health = await startHealthServer(
      {
        notAlive: () => undefined,
        notReady: () => this.notReady(),
        metrics: async () => {
          if (this.#state === "serving") await this.#readiness.refresh();
          return (await this.#metrics.registry.metrics()) + (await this.#agent.serverMetrics());
        },
        containers: () => this.#company.report(),
      },
      this.#options.listen,
    );
    const address = health.address();
    const listen = typeof address === "object" ? `${address?.address}:${address?.port}` : address;
    this.#log.info({ listen }, "listening");
    return health;
  }

  async #end(): Promise<void> {
    if (this.#state === "cleaned") return;
    this.#state = "ending";
    const { unmountOnExit, keeperCgroup } = this.#options;
    const successor = !unmountOnExit && this.#lock.hasSuccessor();
    this.#log.info({ reason: this.#asked.signal.reason, successor }, "ending");
    if (successor) {
      this.#lock.release();
      await this.#agent.handOver(HAND_OVER_MILLIS);
    } else await this.#agent.stop(unmountOnExit);
    if (unmountOnExit) removeKeeperCgroups(keeperCgroup);
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}
