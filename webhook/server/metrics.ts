// What the webhook counts. Labels are bounded: decisions and reasons of the tables, statuses; never names of pods. Those
// that are known beforehand begin at 0: the first increment shows as one.

import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import { version } from "../../contract/version.ts";
import { ATTACH_REASONS, POD_SKIP_REASONS, UNABLE_REASONS } from "../../injection/skip-reasons.ts";

const LATENCY_BUCKETS_SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1];

const REASONS: Readonly<Record<string, readonly string[]>> = {
  mount: ["injected"],
  attach: Object.keys(ATTACH_REASONS),
  skip: Object.keys(POD_SKIP_REASONS),
  unable: Object.keys(UNABLE_REASONS),
};
const REJECTED_STATUSES = ["400", "404", "405", "413", "415"] as const;
const CERTIFICATE_RESULTS = ["loaded", "failed"] as const;
const EVENT_RESULTS = ["written", "repeated", "dropped", "failed"] as const;

export interface Metrics {
  registry: Registry;
  reviews: Counter<"decision" | "reason">;
  reviewSeconds: Histogram;
  rejected: Counter<"status">;
  certificateExpiry: Gauge;
  certificateLoads: Counter<"result">;
  events: Counter<"result">;
  namespaceWatchFailures: Counter;
}

export function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry, prefix: "procview_webhook_" });
  new Gauge({
    name: "procview_build_info",
    help: "Version of this webhook; always 1",
    labelNames: ["component", "version", "nodejs"],
    registers,
  })
    .labels("webhook", version, process.version)
    .set(1);
  const metrics = webhookMetrics(registry);
  for (const [decision, reasons] of Object.entries(REASONS)) {
    for (const reason of reasons) metrics.reviews.inc({ decision, reason }, 0);
  }
  for (const status of REJECTED_STATUSES) metrics.rejected.inc({ status }, 0);
  for (const result of CERTIFICATE_RESULTS) metrics.certificateLoads.inc({ result }, 0);
  for (const result of EVENT_RESULTS) metrics.events.inc({ result }, 0);
  return metrics;
}

function webhookMetrics(registry: Registry): Metrics {
  const registers = [registry];
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
    namespaceWatchFailures: new Counter({
      name: "procview_webhook_namespace_watch_failures_total",
      help: "Lists and watches of namespaces that failed or ended",
      registers,
    }),
  };
}
