// The agent as part of a cluster: watches the pods of its node, has their containers looked after, tells what came of it
// on the pods, takes the startup taint away, and cleans the node when its own pod is told to.

import { join } from "node:path";
import { CONTAINER_NAMES_FILE } from "../../contract/container-names.ts";
import type { NodeReport } from "../../contract/node-report.ts";
import { UNINSTALL } from "../../contract/uninstall.ts";
import type { Policy } from "../../injection/policy.ts";
import type { ContainerReport, Wanted } from "../attach/round.ts";
import { asTheyAreAndComplete } from "../attach/wanted.ts";
import type { HostFiles } from "../host/host-files.ts";
import { accessFromPod } from "../kube/api-access.ts";
import { ApiClient } from "../kube/api-client.ts";
import { PodEvents } from "../kube/events.ts";
import { NamesFile } from "../kube/names-file.ts";
import { answer, isPod, isToldToClean, type PodName } from "../kube/own-pod.ts";
import { newsOfDecision } from "../kube/pod-news.ts";
import { PodReporter } from "../kube/pod-reporter.ts";
import { Pods } from "../kube/pods.ts";
import type { RunningPod } from "../kube/running-pod.ts";
import { removeStartupTaint } from "../kube/startup-taint.ts";
import { wantedByPods } from "../kube/wanted-by-pods.ts";
import { watchNode } from "../kube/watch-node.ts";
import type { KubeMetrics } from "../telemetry/kube-metrics.ts";
import type { Logger } from "../telemetry/log.ts";
import type { Healing } from "./healing.ts";
import type { Companion, RunningAgent } from "./run-agent.ts";

export interface ClusterOptions {
  root: string;
  node: string;
  /** The agent's own pod; undefined where nobody can tell it anything. */
  ownPod: PodName | undefined;
  /** Directory of the token and the certificate of the API server's authority. */
  serviceAccount: string;
  /** The key of a taint that goes once the agent serves. */
  startupTaint: string | undefined;
  policy: Policy;
}

const READY_POLL_MILLIS = 250;

export class InCluster implements Companion {
  readonly #options: ClusterOptions;
  readonly #log: Logger;
  readonly #metrics: KubeMetrics;
  readonly #client: ApiClient;
  readonly #pods: Pods;
  readonly #events: PodEvents;
  readonly #reporter: PodReporter;
  readonly #names: NamesFile;
  readonly #ended = new AbortController();
  #healing: Healing | undefined;
  #run: RunningAgent | undefined;
  #cleaning: Promise<void> | undefined;
  #cpusShown: string | undefined;

  /** Throws NoClusterError where this is no pod. */
  constructor(options: ClusterOptions, log: Logger, metrics: KubeMetrics) {
    this.#options = options;
    this.#log = log;
    this.#metrics = metrics;
    this.#client = new ApiClient(accessFromPod(process.env, options.serviceAccount));
    this.#pods = new Pods(options.policy, (pods) => this.#podsChanged(pods));
    this.#events = new PodEvents(this.#client, options.node, {
      told: (result, error) => {
        metrics.events.inc({ result });
        if (error !== undefined) log.warn({ error: String(error) }, "an Event could not be written");
      },
    });
    this.#reporter = new PodReporter(this.#pods, (pod, text) => void this.#events.tell(pod, text));
    this.#names = new NamesFile(
      join(options.root, CONTAINER_NAMES_FILE),
      () => this.#pods.all(),
      (error) => log.warn({ error: String(error) }, "cannot write the names of containers"),
    );
  }

  wanted(files: HostFiles): Wanted {
    return wantedByPods(this.#pods, files, asTheyAreAndComplete(files));
  }

  wentRound(reports: readonly ContainerReport[]): void {
    this.#reporter.wentRound(reports);
  }

  /** Who goes round at once when pods change. */
  healWith(healing: Healing): void {
    this.#healing = healing;
  }

  report(): NodeReport {
    return { node: this.#options.node, containers: this.#reporter.containers() };
  }

  start(run: RunningAgent): void {
    this.#run = run;
    const { node, policy } = this.#options;
    const watching = watchNode(
      {
        client: this.#client,
        node,
        labels: policy.labels,
        pods: this.#pods,
        observer: {
          following: (resource) => this.#metrics.watchUp.set({ resource }, 1),
          heard: () => {
            this.#metrics.pods.set(this.#pods.size);
            this.#showCpus(run);
          },
          sawPod: (pod) => this.#sawPod(pod),
          restarted: (resource, reason, error) => {
            this.#metrics.watchRestarts.inc({ resource, reason });
            if (error === undefined) return;
            this.#metrics.watchUp.set({ resource }, 0);
            this.#log.warn({ resource, reason, error: String(error) }, "a watch ended; it is begun anew");
          },
        },
      },
      this.#ended.signal,
    );
    watching.catch((error: unknown) => this.#log.error({ error: String(error) }, "pods are not watched any more"));
    void this.#untaint(run);
  }

  async stop(): Promise<void> {
    this.#ended.abort();
    this.#names.stop();
    await this.#cleaning;
    this.#client.close();
  }

  #podsChanged(pods: readonly RunningPod[]): void {
    this.#names.changed();
    for (const pod of pods) {
      const decision = this.#pods.find("", pod.uid)?.decision;
      for (const text of decision === undefined ? [] : newsOfDecision(pod, decision)) void this.#events.tell(pod, text);
    }
    void this.#healing?.heal();
  }

  /** Once pods and namespaces are both known: until then the agent before has said it. */
  #showCpus(run: RunningAgent): void {
    if (!this.#pods.isComplete) return;
    const views = this.#pods.cpuViews();
    const text = JSON.stringify(views);
    if (text === this.#cpusShown) return;
    this.#cpusShown = text;
    run.showCpus(views);
  }

  #sawPod(pod: RunningPod): void {
    const { ownPod } = this.#options;
    if (ownPod !== undefined && isPod(pod, ownPod) && isToldToClean(pod)) this.#clean(ownPod);
  }

  /** Told once: its own answer changes the pod again. */
  #clean(ownPod: PodName): void {
    this.#cleaning ??= this.#cleanAndAnswer(ownPod).catch((error: unknown) => {
      this.#log.error({ error: String(error) }, "cannot answer that the node is cleaned");
      this.#cleaning = undefined;
    });
  }

  async #cleanAndAnswer(ownPod: PodName): Promise<void> {
    this.#log.info("told to clean this node");
    this.#names.stop();
    await this.#healing?.stop();
    try {
      await this.#run?.clean();
      this.#log.info("this node is clean; nothing is served any more");
      await answer(this.#client, ownPod, UNINSTALL.done);
    } catch (error) {
      this.#log.error({ error: String(error) }, "this node cannot be cleaned");
      await answer(this.#client, ownPod, UNINSTALL.failed + (error instanceof Error ? error.message : String(error)));
      // It may be told again.
      this.#cleaning = undefined;
    }
  }

  async #untaint(run: RunningAgent): Promise<void> {
    const { node, startupTaint: key } = this.#options;
    const { signal } = this.#ended;
    if (key === undefined) return;
    while ((await run.notReady()) !== undefined && !signal.aborted) {
      await new Promise((resolve) => setTimeout(resolve, READY_POLL_MILLIS).unref());
    }
    const failed = (error: unknown): void =>
      this.#log.warn({ error: String(error), key }, "cannot take the startup taint away; it is tried again");
    const result = await removeStartupTaint(this.#client, { node, key }, failed, signal);
    if (result !== "given up") this.#metrics.startupTaint.set(1);
    if (result === "removed") this.#log.info({ key }, "the startup taint is taken away");
  }
}
