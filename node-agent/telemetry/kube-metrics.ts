// Metrics of the agent's dealings with the API server. Labels are words of tables, never names of pods.

import { Counter, Gauge, type Registry } from "prom-client";

/** What is watched. */
export type Resource = "pods" | "namespaces";

export interface KubeMetrics {
  pods: Gauge;
  watchRestarts: Counter<"resource" | "reason">;
  watchUp: Gauge<"resource">;
  events: Counter<"result">;
  startupTaint: Gauge;
}

export function createKubeMetrics(registry: Registry): KubeMetrics {
  const registers = [registry];
  return {
    pods: new Gauge({ name: "procview_pods", help: "Pods of this node, as far as the agent knows", registers }),
    watchRestarts: new Counter({
      name: "procview_watch_restarts_total",
      help: "Watches of the API server begun anew: ended as they do, expired, refused, failed",
      labelNames: ["resource", "reason"],
      registers,
    }),
    watchUp: new Gauge({
      name: "procview_watch_up",
      help: "1 while the API server tells of changes of pods, and of namespaces",
      labelNames: ["resource"],
      registers,
    }),
    events: new Counter({
      name: "procview_events_total",
      help: "Kubernetes Events about pods: written, repeated within minutes, dropped, failed",
      labelNames: ["result"],
      registers,
    }),
    startupTaint: new Gauge({
      name: "procview_startup_taint_removed",
      help: "1 once the node has no startup taint of ours",
      registers,
    }),
  };
}
