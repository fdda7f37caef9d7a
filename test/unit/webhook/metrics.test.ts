// Whatever is sent, the webhook's labels have the values that they began with: bounded, and of the tables.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type Metric, parseExposition, webhookMetrics } from "../../../docs/metrics.ts";
import { POD, post, reviewOf, serveWebhook } from "../../webhook-harness.ts";

const ours = (metrics: readonly Metric[]) =>
  metrics
    .filter(({ name }) => !/^procview_webhook_(process|nodejs)_/.test(name))
    .map(({ name, labels }) => ({ name, labels }));

const named = (name: string) => ({ ...POD, metadata: { name, annotations: { "procview.io/files": name } } });

test("reviews of all kinds are counted, under labels that were there before", async () => {
  await using served = await serveWebhook();
  const sent = [
    reviewOf(POD),
    reviewOf(named("one")),
    reviewOf(named("two")),
    reviewOf(POD, { namespace: "plain" }),
    reviewOf(POD, { namespace: "nobody-knows" }),
    reviewOf(POD, { operation: "DELETE" }),
    reviewOf(POD, { subResource: "ephemeralcontainers" }),
    reviewOf({ kind: "Pod" }),
    reviewOf(POD, {}, "admission.k8s.io/v7"),
    reviewOf({ ...POD, spec: { ...POD.spec, hostUsers: false } }),
    reviewOf({ ...POD, spec: { ...POD.spec, runtimeClassName: "gvisor" } }),
    reviewOf({ ...POD, spec: { ...POD.spec, os: { name: "windows" } } }),
  ];
  for (const body of sent) assert.equal((await served.post(body)).status, 200, body);
  const rejected = [
    () => served.post("{"),
    () => served.post("", { method: "GET", headers: {} }),
    () => served.post(reviewOf(POD), { path: "/elsewhere" }),
    () => served.post(reviewOf(POD), { headers: { "content-type": "text/plain" } }),
    () => post(served.port, served.authority, Buffer.alloc(5 * 2 ** 20, 0x20)),
  ];
  for (const send of rejected) assert.ok((await send()).status >= 400);

  const { text } = await served.operations("/metrics");
  assert.deepEqual(ours(parseExposition(text)), ours(await webhookMetrics()));
  const sum = (name: string) =>
    [...text.matchAll(new RegExp(`^${name}{[^}]*} (\\d+)$`, "gm"))].reduce(
      (total, [, count]) => total + Number(count),
      0,
    );
  assert.equal(sum("procview_webhook_reviews_total"), sent.length);
  assert.equal(sum("procview_webhook_rejected_requests_total"), rejected.length);
  assert.match(text, new RegExp(`^procview_webhook_review_duration_seconds_count ${sent.length}$`, "m"));
  assert.match(text, /^procview_webhook_certificate_loads_total{result="loaded"} 1$/m);
  const ends = Number(/^procview_webhook_certificate_expiry_timestamp_seconds (\d+)$/m.exec(text)?.[1]);
  assert.ok(ends > Date.now() / 1000);
});
