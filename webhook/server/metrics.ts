// What the webhook counts. Labels are bounded: decisions and reasons of the tables, statuses; never names of pods.

import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";

const LATENCY_BUCKETS_SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1];

export interface Metrics {
  registry: Registry;
  reviews: Counter<"decision" | "reason">;
  reviewSeconds: Histogram;
  rejected: Counter<"status">;
  certificateExpiry: Gauge;
  certificateLoads: Counter<"result">;
  events: Counter<"result">;
}

export function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  return {
    registry,
    reviews: new Counter({
      name: "procview_webhook_reviews_total",
      help: "Admission reviews answered, by decision and reason; decision unable: procview's own fault, let through",
      labelNames: ["decision", "reason"],
      registers,
    }),
    reviewSeconds: new Histogram({
      name: "procview_webhook_review_duration_seconds",
      help: "From the whole request to the answer",
      buckets: LATENCY_BUCKETS_SECONDS,
      registers,
    }),
    rejected: new Counter({
      name: "procview_webhook_rejected_requests_total",
      help: "Requests that were no admission review, by HTTP status",
      labelNames: ["status"],
      registers,
    }),
    certificateExpiry: new Gauge({
      name: "procview_webhook_certificate_expiry_timestamp_seconds",
      help: "When the serving certificate ends, in seconds since 1970; 0 without one",
      registers,
    }),
    certificateLoads: new Counter({
      name: "procview_webhook_certificate_loads_total",
      help: "Serving certificates taken into use (loaded), or not usable (failed)",
      labelNames: ["result"],
      registers,
    }),
    events: new Counter({
      name: "procview_webhook_events_total",
      help: "Kubernetes Events about what was skipped: written, repeated within minutes, dropped, failed",
      labelNames: ["result"],
      registers,
    }),
  };
}
