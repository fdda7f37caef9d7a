// The agent: gets a session, keeps a file-system process serving it, and lets go of it so that the next agent can go on.

import { closeSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { endProcess, identityOf } from "../linux/pidfd.ts";
import type { PodCpuView } from "../render/pod-cpu-views.ts";
import { Supervisor } from "../session/supervisor.ts";
import type { AgentMetrics } from "../telemetry/agent-metrics.ts";
import type { Logger } from "../telemetry/log.ts";
import { ServerMetrics } from "../telemetry/server-metrics.ts";
import { type AgentOptions, agentPaths } from "./agent-options.ts";
import { readCpuViews, writeCpuViews } from "./cpu-views-file.ts";
import { holderOf } from "./holder-of.ts";
import { attachAt, detachAll, deviceAt, type MountPlace, visiblePath } from "./mount-place.ts";
import type { SessionHolder } from "./session-holder.ts";
import { type ObtainedSession, obtainSession } from "./session-source.ts";
import { pokeMount } from "./touch-mount.ts";

const DRAIN_MILLIS = 1000;
const FIGURES_MILLIS = 500;

export class Agent {
  readonly #options: AgentOptions;
  readonly #log: Logger;
  readonly #metrics: AgentMetrics;
  readonly #serverMetrics: ServerMetrics;
  readonly #place: MountPlace;
  #supervisor: Supervisor | undefined;
  #kept: SessionHolder | undefined;
  #deadSince: number | undefined;
  /** It is being killed for giving no sign of life: its death is counted already. */
  #hung = false;

  constructor(options: AgentOptions, log: Logger, metrics: AgentMetrics) {
    this.#options = options;
    this.#log = log;
    this.#metrics = metrics;
    this.#serverMetrics = new ServerMetrics(metrics.registry);
    this.#place = { mountPoint: agentPaths(options.root).mountPoint, namespace: options.hostMountNamespace };
  }

  get mountPoint(): string {
    return this.#place.mountPoint;
  }

  /** "MAJOR:MINOR" of the file system; undefined before it is mounted. */
  get device(): string | undefined {
    return this.#kept?.note.device;
  }

  /** Serves, and returns once it does. `ended` is called when the connection is gone: unmounted or aborted. */
  async start(ended: () => void): Promise<void> {
    const { keeperSocket, noteFile, cpuViewsFile } = agentPaths(this.#options.root);
    const session = await obtainSession({ keeperSocket, noteFile, environment: process.env }, this.#place);
    const { files, takenOver, mountFd } = session;
    const kept = this.#keep(session);
    if (takenOver) this.#metrics.takeovers.inc();
    const { leaseFd } = kept;
    const supervisor = new Supervisor(
      files,
      { ...this.#options.server, cpuViews: readCpuViews(cpuViewsFile), orphaned: "serve" },
      {
        hangMillis: this.#options.hangMillis,
        ...(leaseFd !== undefined && { leaseFd }),
        beforePreparing: (pid) => this.#succeed(kept, pid),
        beforeServing: (pid) => this.#relieve(kept, pid),
      },
    );
    this.#supervisor = supervisor;
    this.#listen(supervisor);
    supervisor.once("ended", ended);
    await supervisor.start();
    if (mountFd !== undefined) await this.#attach(mountFd, kept);
    this.#log.info({ takenOver, device: this.device, mountPoint: this.mountPoint, pid: supervisor.pid }, "serving");
  }

  /** The metrics of the process that answers the kernel, in Prometheus' text format. */
  async serverMetrics(): Promise<string> {
    const supervisor = this.#supervisor;
    if (supervisor === undefined) return this.#serverMetrics.text();
    const told = new Promise<void>((resolve) => supervisor.once("figures", () => resolve()));
    supervisor.askFigures();
    await Promise.race([told, sleep(FIGURES_MILLIS)]);
    return this.#serverMetrics.text();
  }

  /** Answers what was asked, and ends. With `unmount` the session ends too, else the keeper has it. */
  async stop(unmount: boolean): Promise<void> {
    const supervisor = this.#supervisor;
    if (supervisor === undefined) return;
    const drained = new Promise<void>((resolve) => supervisor.once("drained", () => resolve()));
    supervisor.drain();
    void pokeMount(visiblePath(this.#place), this.#options.server.workers, DRAIN_MILLIS);
    await Promise.race([drained, sleep(DRAIN_MILLIS)]);
    if (unmount) await detachAll(this.#place);
    await supervisor.stop();
    this.#kept?.close(unmount);
  }

  /** Has CPUs of some pods counted otherwise than this installation does. */
  showCpus(views: readonly PodCpuView[]): void {
    writeCpuViews(agentPaths(this.#options.root).cpuViewsFile, views);
    this.#supervisor?.showCpus(views);
  }

  /** No new container finds the tree; those that have files of it are served on. */
  async unmount(): Promise<void> {
    await detachAll(this.#place);
  }

  /** Lets the file-system process serve on: the successor ends it once its own is ready. */
  leave(): void {
    this.#supervisor?.leave();
    this.#kept?.close(false);
  }

  /**
   * Lets the file-system process serve on, and waits until the successor has ended it: whatever ends this process, such as
   * the deletion of its pod, may end that one too.
   */
  async handOver(limitMillis: number): Promise<void> {
    this.leave();
    await Promise.race([this.#supervisor?.gone(), sleep(limitMillis)]);
  }

  #keep(session: ObtainedSession): SessionHolder {
    const kept = holderOf(session, this.#options);
    kept.on("kept", () => this.#metrics.keeperUp.set(1));
    kept.on("unkept", (reason) => {
      this.#metrics.keeperUp.set(0);
      this.#metrics.keeperLosses.inc();
      this.#log.error({ reason }, "no keeper: containers lose their files if this agent dies");
    });
    kept.keep();
    this.#kept = kept;
    return kept;
  }

  /** Ends who serves still, of an agent that was killed; and names the next, before it serves. */
  #succeed(kept: SessionHolder, pid: number): void {
    const { server } = kept.note;
    if (server !== undefined) {
      // Nobody answers from its end until the next serves: what a hand-over costs readers is a stall too.
      this.#deadSince ??= performance.now();
      endProcess(server);
    }
    const successor = identityOf(pid);
    if (successor !== undefined) kept.leaveNote({ server: successor });
  }

  /** Has the keeper stand in no longer, and counts what it did. */
  async #relieve(kept: SessionHolder, pid: number): Promise<void> {
    const { millis, answers, left } = await kept.serves(pid);
    if (millis === 0) return;
    this.#metrics.stoodInSeconds.inc(millis / 1000);
    this.#metrics.stoodInAnswers.inc(answers);
    this.#log.info({ seconds: millis / 1000, answers, left }, "keeper stood in");
  }

  #listen(supervisor: Supervisor): void {
    supervisor.on("serving", (pid) => {
      this.#metrics.serving.set(1);
      if (this.#deadSince === undefined) return;
      const stallSeconds = (performance.now() - this.#deadSince) / 1000;
      this.#deadSince = undefined;
      this.#metrics.stallSeconds.inc(stallSeconds);
      this.#log.info({ pid, stallSeconds }, "file-system process replaced");
    });
    supervisor.on("hung", (millis) => {
      this.#deadSince = performance.now() - millis;
      this.#hung = true;
      this.#metrics.restarts.inc({ reason: "hung" });
      this.#log.error({ millis }, "file-system process gives no sign of life, killing it");
    });
    supervisor.on("died", (how) => {
      this.#metrics.serving.set(0);
      if (!this.#hung) this.#metrics.restarts.inc({ reason: "died" });
      this.#hung = false;
      this.#deadSince ??= performance.now();
      this.#log.warn({ how }, "file-system process died");
    });
    supervisor.on("warning", (text) => this.#log.warn(text));
    supervisor.on("figures", (figures) => this.#serverMetrics.update(supervisor.pid ?? 0, figures));
  }

  async #attach(mountFd: number, kept: SessionHolder): Promise<void> {
    await attachAt(this.#place, mountFd);
    closeSync(mountFd);
    const device = deviceAt(this.#place);
    if (device !== undefined) kept.leaveNote({ device });
  }
}
