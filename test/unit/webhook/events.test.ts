// Events: which object they belong to, what they say, how many there are.

import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout } from "node:timers/promises";
import type { CoreV1Api, CoreV1Event } from "@kubernetes/client-node";
import { pino } from "pino";
import { DEFAULT_POLICY } from "../../../injection/policy.ts";
import { decodeReview } from "../../../webhook/admission-review.ts";
import { EventAudit } from "../../../webhook/kubernetes/events.ts";
import { involvedIn } from "../../../webhook/kubernetes/involved-object.ts";
import { reviewPod } from "../../../webhook/review-pod.ts";
import { createMetrics } from "../../../webhook/server/metrics.ts";
import { POD, reviewOf } from "../../webhook-harness.ts";

const OWNER = { apiVersion: "apps/v1", kind: "ReplicaSet", name: "web-5f", uid: "u-1", controller: true };
const OWNED = { ...POD, metadata: { generateName: "web-5f-", ownerReferences: [OWNER] } };

test("an Event belongs to the controller, to a pod that has a name, else to nobody", () => {
  const of = (pod: object) => involvedIn(decodeReview(reviewOf(pod)).request);
  assert.deepEqual(of(OWNED), {
    apiVersion: "apps/v1",
    kind: "ReplicaSet",
    namespace: "shop",
    name: "web-5f",
    uid: "u-1",
  });
  assert.deepEqual(of({ ...POD, metadata: { name: "web" } }), {
    apiVersion: "v1",
    kind: "Pod",
    namespace: "shop",
    name: "web",
    uid: undefined,
  });
  assert.equal(of(POD), undefined);
  assert.equal(involvedIn(decodeReview(reviewOf({ kind: "Pod" })).request), undefined);
});

test("news: one line for each reason that someone who asked should know, none for what they chose", () => {
  const newsOf = (spec: object, annotations: Record<string, string> = {}) => {
    const review = decodeReview(
      reviewOf({ metadata: { annotations }, spec: { containers: [{ name: "app" }], ...spec } }),
    );
    return reviewPod(review, { "procview.io/inject": "enabled" }, DEFAULT_POLICY).news;
  };
  assert.deepEqual(newsOf({}), []);
  assert.deepEqual(newsOf({}, { "procview.io/mode": "attach" }), []);
  assert.deepEqual(newsOf({}, { "procview.io/exclude-containers": "app" }), []);
  assert.deepEqual(newsOf({ os: { name: "windows" } }), ["Not injected: It runs on Windows, which has no /proc"]);
  const mounts = [
    { name: "mine", mountPath: "/proc/stat" },
    { name: "mine", mountPath: "/proc/meminfo" },
  ];
  assert.deepEqual(newsOf({ containers: [{ name: "app", volumeMounts: mounts }] }), [
    "Skipped app /proc/meminfo, app /proc/stat: The pod mounts something of its own at this path",
  ]);
});

test("the same news of the same object is told once", async () => {
  const { api, written } = fakeApi();
  const metrics = createMetrics();
  const audit = new EventAudit(api, metrics.events, pino({ level: "silent" }));
  for (let pod = 0; pod < 100; pod += 1) audit.tell(decodeReview(reviewOf(OWNED)), ["Not injected: because"]);
  await setTimeout(10);
  assert.equal(written.length, 1);
  assert.equal(written[0]?.involvedObject.uid, "u-1");
  assert.equal(written[0]?.message, "Not injected: because");
  assert.match(await metrics.registry.metrics(), /events_total{result="repeated"} 99/);
});

test("a pod has its uid only after its admission: the Event waits for it", async () => {
  const { api, written } = fakeApi();
  const metrics = createMetrics();
  const audit = new EventAudit(api, metrics.events, pino({ level: "silent" }));
  audit.tell(decodeReview(reviewOf({ ...POD, metadata: { name: "web" } })), ["news"]);
  assert.equal(written.length, 0);
  await setTimeout(1200);
  assert.equal(written[0]?.involvedObject.uid, "u-of-web");
});

test("an Event that cannot be written is counted and said, nothing else", async () => {
  const metrics = createMetrics();
  const { api } = fakeApi(new Error("forbidden"));
  new EventAudit(api, metrics.events, pino({ level: "silent" })).tell(decodeReview(reviewOf(OWNED)), ["news"]);
  await setTimeout(10);
  assert.match(await metrics.registry.metrics(), /events_total{result="failed"} 1/);
});

function fakeApi(error?: Error): { api: CoreV1Api; written: CoreV1Event[] } {
  const written: CoreV1Event[] = [];
  const api: Partial<CoreV1Api> = {
    createNamespacedEvent: ({ body }) =>
      error === undefined ? Promise.resolve(body).then(kept) : Promise.reject(error),
    readNamespacedPod: ({ name }) => Promise.resolve({ metadata: { uid: `u-of-${name}` } }),
  };
  const kept = (event: CoreV1Event): CoreV1Event => {
    written.push(event);
    return event;
  };
  return { api: api as CoreV1Api, written };
}
