// The server over real TLS: what it answers to good, odd and bad input. Nothing gets a 5xx, no pod is refused.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { connect } from "node:tls";
import { POD, reviewOf, type Served, serveWebhook } from "../../webhook-harness.ts";

let served: Served;
before(async () => {
  served = await serveWebhook({ bodyLimitBytes: 64 * 1024 });
});
after(() => served[Symbol.asyncDispose]());

const JSON_TYPE = { "content-type": "application/json" };

test("a pod of a namespace that opts in gets a patch, under the uid of the request", async () => {
  const { status, text, headers } = await served.post(reviewOf(POD));
  const review = JSON.parse(text);
  assert.equal(status, 200);
  assert.match(String(headers["content-type"]), /^application\/json/);
  assert.equal(review.apiVersion, "admission.k8s.io/v1");
  assert.equal(review.kind, "AdmissionReview");
  assert.equal(review.response.uid, "705ab4f5-6393-11e8-b7cc-42010a800002");
  assert.equal(review.response.allowed, true);
  assert.equal(review.response.patchType, "JSONPatch");
  const patch = JSON.parse(Buffer.from(review.response.patch, "base64").toString("utf8"));
  assert.deepEqual(
    patch.map(({ path }: { path: string }) => path),
    ["/spec/volumes", "/spec/containers/0/volumeMounts", "/metadata/annotations"],
  );
});

/** Request, and the reason that is counted; each is allowed, without a patch. */
const LET_THROUGH: Readonly<Record<string, readonly [body: string, reason: string]>> = {
  "a namespace that does not ask": [reviewOf(POD, { namespace: "plain" }), "notOptedIn"],
  "a namespace nobody knows": [reviewOf(POD, { namespace: "gone" }), "unknownNamespace"],
  v1beta1: [reviewOf(POD, {}, "admission.k8s.io/v1beta1"), "unsupportedVersion"],
  DELETE: [reviewOf(null, { operation: "DELETE", oldObject: POD }), "notCreated"],
  UPDATE: [reviewOf(POD, { operation: "UPDATE", oldObject: POD }), "notCreated"],
  CONNECT: [reviewOf(POD, { operation: "CONNECT", subResource: "exec" }), "notCreated"],
  "ephemeral containers": [
    reviewOf(POD, { operation: "UPDATE", subResource: "ephemeralcontainers" }),
    "ephemeralContainers",
  ],
  "a Deployment": [reviewOf({ kind: "Deployment" }, { kind: { group: "apps", kind: "Deployment" } }), "notAPod"],
  "no object": [reviewOf(undefined), "malformedObject"],
  "null for an object": [reviewOf(null), "malformedObject"],
  "a pod without a spec": [reviewOf({ kind: "Pod" }), "malformedObject"],
  "containers that are none": [reviewOf({ ...POD, spec: { containers: "all" } }), "malformedObject"],
  "a container that is null": [reviewOf({ ...POD, spec: { containers: [null] } }), "malformedObject"],
  "volumes that are none": [reviewOf({ ...POD, spec: { containers: [], volumes: {} } }), "malformedObject"],
  "labels that are numbers": [reviewOf({ ...POD, metadata: { labels: { a: 1 } } }), "malformedObject"],
};

for (const [what, [body, reason]] of Object.entries(LET_THROUGH)) {
  test(`${what}: let through as it is`, async () => {
    const before = await countOf(reason);
    const { status, text } = await served.post(body);
    const review = JSON.parse(text);
    assert.equal(status, 200);
    assert.equal(review.apiVersion, JSON.parse(body).apiVersion);
    assert.equal(review.response.uid, JSON.parse(body).request.uid);
    assert.equal(review.response.allowed, true);
    assert.equal(review.response.patch, undefined);
    assert.equal(await countOf(reason), before + 1);
  });
}

/** What is no review: a status of the 400s and a sentence. */
const REJECTED: Readonly<Record<string, readonly [status: number, send: () => ReturnType<Served["post"]>]>> = {
  "no JSON": [400, () => served.post("{")],
  nothing: [400, () => served.post("", { headers: { ...JSON_TYPE, "content-length": "0" } })],
  "bytes that are no UTF-8": [400, () => served.post(Buffer.from([0xff, 0xfe, 0x00]))],
  "another kind": [400, () => served.post('{"kind":"Pod"}')],
  "a list": [400, () => served.post("[]")],
  null: [400, () => served.post("null")],
  "another group": [400, () => served.post(reviewOf(POD, {}, "v1"))],
  "no request": [400, () => served.post('{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview"}')],
  "no uid": [400, () => served.post(reviewOf(POD, { uid: undefined }))],
  "another content type": [415, () => served.post(reviewOf(POD), { headers: { "content-type": "text/plain" } })],
  "no content type": [415, () => served.post(reviewOf(POD), { headers: {} })],
  "a compressed body": [
    415,
    () => served.post(reviewOf(POD), { headers: { ...JSON_TYPE, "content-encoding": "gzip" } }),
  ],
  "an unknown charset": [400, () => served.post("{", { headers: { "content-type": "application/json; charset=x" } })],
  "too much": [413, () => served.post(Buffer.alloc(65 * 1024, 0x20))],
  GET: [405, () => served.post("", { method: "GET", headers: {} })],
  "DELETE as a method": [405, () => served.post("", { method: "DELETE", headers: {} })],
  "another path": [404, () => served.post(reviewOf(POD), { path: "/validate" })],
  "a path that is no path": [404, () => served.post("", { path: "/%ff", method: "GET", headers: {} })],
};

for (const [what, [wanted, send]] of Object.entries(REJECTED)) {
  test(`${what}: ${wanted}`, async () => {
    const { status, text, headers } = await send();
    assert.equal(status, wanted, text);
    assert.match(text, /\S/);
    assert.match(String(headers["content-type"]), /^text\/plain/);
    if (wanted === 405) assert.equal(headers["allow"], "POST");
    assert.match(
      (await served.operations("/metrics")).text,
      new RegExp(`rejected_requests_total{status="${wanted}"} `),
    );
  });
}

test("a fault of our own lets the pod through, with a warning and a count", async () => {
  await using broken = await serveWebhook({
    namespaces: {
      labelsOf: () => {
        throw new Error("a bug");
      },
    },
  });
  const { response } = JSON.parse((await broken.post(reviewOf(POD))).text);
  assert.equal(response.allowed, true);
  assert.deepEqual(response.warnings, ["procview: not injected: procview failed; its log says how"]);
  assert.match((await broken.operations("/metrics")).text, /reviews_total{decision="unable",reason="fault"} 1/);
});

test("whoever asked for what is skipped is told: by a warning and an Event, but not in a dry run", async () => {
  const pod = { ...POD, spec: { ...POD.spec, hostPID: true } };
  const { response } = JSON.parse((await served.post(reviewOf(pod))).text);
  assert.match(response.warnings[0], /^procview: not injected: It shares the process ids of the node/);
  const told = served.news.length;
  assert.match(served.news[told - 1] ?? "", /^Not injected: It shares/);
  const dry = JSON.parse((await served.post(reviewOf(pod, { dryRun: true }))).text);
  assert.deepEqual(dry.response, response);
  assert.equal(served.news.length, told);
});

test("TLS is 1.2 or later", async () => {
  assert.equal((await served.post(reviewOf(POD))).protocol, "TLSv1.3");
  await assert.rejects(
    new Promise((resolve, reject) => {
      const options = { host: "127.0.0.1", port: served.port, ca: served.authority, servername: "localhost" };
      connect({ ...options, maxVersion: "TLSv1.1", minVersion: "TLSv1", ciphers: "DEFAULT@SECLEVEL=0" }, () =>
        resolve(0),
      ).on("error", reject);
    }),
    /alert protocol version|EPROTO|unsupported protocol/,
  );
});

test("operations: healthz, readyz, metrics, and a sentence for all else", async () => {
  assert.deepEqual(await served.operations("/healthz"), { status: 200, text: "ok\n" });
  assert.deepEqual(await served.operations("/readyz"), { status: 200, text: "ok\n" });
  assert.equal((await served.operations("/")).status, 404);
  const { text } = await served.operations("/metrics");
  for (const name of ["review_duration_seconds_bucket", "certificate_expiry_timestamp_seconds", "reviews_total"]) {
    assert.match(text, new RegExp(`^procview_webhook_${name}`, "m"));
  }
});

async function countOf(reason: string): Promise<number> {
  const { text } = await served.operations("/metrics");
  return Number(new RegExp(`reviews_total{decision="[a-z]+",reason="${reason}"} (\\d+)`).exec(text)?.[1] ?? 0);
}
