// Told to end, the webhook loses no review.

import assert from "node:assert/strict";
import { Agent } from "node:https";
import { test } from "node:test";
import { setTimeout } from "node:timers/promises";
import type { Namespaces } from "../../../webhook/server/mutate-handler.ts";
import { NAMESPACES, POD, post, reviewOf, serveWebhook } from "../../webhook-harness.ts";

test("draining: not ready, serves on, asks clients to go, then refuses", async () => {
  const served = await serveWebhook({ drainMillis: 200 });
  const agent = new Agent({ keepAlive: true });
  const first = await served.post(reviewOf(POD), { agent });
  assert.equal(first.headers["connection"], "keep-alive");
  const drained = served.server.drain();
  assert.deepEqual(await served.operations("/readyz"), { status: 503, text: "draining: told to end\n" });
  assert.equal((await served.operations("/healthz")).status, 200);
  const late = await served.post(reviewOf(POD), { agent });
  assert.equal(late.status, 200);
  assert.equal(late.headers["connection"], "close");
  await drained;
  await assert.rejects(post(served.port, served.authority, reviewOf(POD)), /ECONNREFUSED/);
  agent.destroy();
});

test("a review that is being decided when the listener closes is answered", async () => {
  const slow: Namespaces = { labelsOf: (name) => setTimeout(300, NAMESPACES[name]) };
  const served = await serveWebhook({ namespaces: slow });
  const reply = served.post(reviewOf(POD));
  await setTimeout(100);
  await Promise.all([served.server.drain(), reply]);
  assert.equal(JSON.parse((await reply).text).response.patchType, "JSONPatch");
});
