// `procview agent` from its start to its end.

import { keepResidentMemorySmall } from "../linux/resident-memory.ts";
import type { AgentMetrics } from "../telemetry/agent-metrics.ts";
import type { Logger } from "../telemetry/log.ts";
import { Agent } from "./agent.ts";
import { AgentLock } from "./agent-lock.ts";
import { type AgentOptions, agentPaths } from "./agent-options.ts";
import { startHealthServer } from "./health-server.ts";
import { removeKeeperCgroups } from "./keeper-cgroups.ts";
import { Readiness } from "./readiness.ts";
import { notify } from "./sd-notify.ts";

/** What else an agent does while it serves, such as attaching: started when the mount answers, stopped before it ends. */
export interface Companion {
  start(agent: Agent): Promise<void>;
  stop(): Promise<void>;
}

/** Serves until it is told to end or the file system is unmounted. */
export async function runAgent(
  options: AgentOptions,
  log: Logger,
  metrics: AgentMetrics,
  companions: readonly Companion[] = [],
): Promise<void> {
  const { run, mountPoint } = agentPaths(options.root);
  const asked = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => asked.abort(signal));
  const agent = new Agent(options, log, metrics);
  const readiness = new Readiness(mountPoint, options.probeMillis, metrics);
  let state: "waiting" | "serving" | "ending" = "waiting";
  const health = await startHealthServer(
    {
      notAlive: () => undefined,
      notReady: async () => (state === "serving" ? readiness.problem() : `${state}: another agent may serve`),
      metrics: async () => (await metrics.registry.metrics()) + (await agent.serverMetrics()),
    },
    options.listen,
  );
  const address = health.address();
  log.info({ listen: typeof address === "object" ? `${address?.address}:${address?.port}` : address }, "listening");
  const waits = (): void => log.info({ root: options.root }, "another agent serves; waiting for its end");
  const lock = new AgentLock(run);
  try {
    if (!(await lock.acquire(waits, asked.signal))) return;
    await agent.start(() => asked.abort("unmounted"));
    for (const companion of companions) await companion.start(agent);
    state = "serving";
    notify(process.env, "READY=1");
    keepResidentMemorySmall();
    await aborted(asked.signal);
    state = "ending";
    notify(process.env, "STOPPING=1");
    for (const companion of companions.toReversed()) await companion.stop();
    const successor = !options.unmountOnExit && lock.hasSuccessor();
    log.info({ reason: asked.signal.reason, successor }, "ending");
    if (!successor) await agent.stop(options.unmountOnExit);
    if (options.unmountOnExit) removeKeeperCgroups(options.keeperCgroup);
  } finally {
    // What is left serves on, and the keeper has the session: also after a failure.
    agent.leave();
    health.close();
    health.closeAllConnections();
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}
