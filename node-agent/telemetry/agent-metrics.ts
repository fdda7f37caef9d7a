// Metrics of the agent itself: what its supervisor sees. What the workers count is in server-metrics.ts.

import { Counter, collectDefaultMetrics, Gauge, Registry } from "prom-client";
import { version } from "../../contract/version.ts";

export interface AgentMetrics {
  registry: Registry;
  takeovers: Counter;
  restarts: Counter<"reason">;
  stallSeconds: Counter;
  stoodInSeconds: Counter;
  stoodInAnswers: Counter;
  keeperUp: Gauge;
  serving: Gauge;
  probeSeconds: Gauge;
  probeFailures: Counter;
}

export function createAgentMetrics(): AgentMetrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry, prefix: "procview_agent_", eventLoopMonitoringPrecision: 1000 });
  new Gauge({
    name: "procview_build_info",
    help: "Version of this agent; always 1",
    labelNames: ["version", "node"],
    registers,
  })
    .labels(version, process.version)
    .set(1);
  return {
    registry,
    takeovers: new Counter({
      name: "procview_session_takeovers_total",
      help: "Sessions taken over from an agent before",
      registers,
    }),
    restarts: new Counter({
      name: "procview_server_restarts_total",
      help: "File-system processes replaced because they died or hung",
      labelNames: ["reason"],
      registers,
    }),
    stallSeconds: new Counter({
      name: "procview_stall_seconds_total",
      help: "Seconds without a file-system process; of them, the keeper stood in for procview_stood_in_seconds_total",
      registers,
    }),
    stoodInSeconds: new Counter({
      name: "procview_stood_in_seconds_total",
      help: "Seconds in which the keeper answered with the last renderings, also before this agent",
      registers,
    }),
    stoodInAnswers: new Counter({
      name: "procview_stood_in_answers_total",
      help: "Requests that the keeper answered meanwhile",
      registers,
    }),
    keeperUp: new Gauge({ name: "procview_keeper_up", help: "1 while a keeper holds the session", registers }),
    serving: new Gauge({ name: "procview_serving", help: "1 while the file-system process serves", registers }),
    probeSeconds: new Gauge({
      name: "procview_probe_seconds",
      help: "Duration of the last read through the mount by a helper process",
      registers,
    }),
    probeFailures: new Counter({
      name: "procview_probe_failures_total",
      help: "Reads through the mount that failed or took too long",
      registers,
    }),
  };
}
