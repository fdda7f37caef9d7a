import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { CoreV1Api, KubeConfig } from "@kubernetes/client-node";
import { watchNamespaces } from "../../../webhook/kubernetes/namespaces.ts";
import { startApiServer } from "../../observe/api-server.ts";

/** What the watch of an API server that knows the namespace "shop" says at first: an error, or nothing for a while. */
async function watching(isThere: boolean) {
  const folder = mkdtempSync(join(tmpdir(), "procview-namespaces-"));
  const api = await startApiServer({ shop: { team: "a" } });
  api.kubeconfig(join(folder, "config"));
  if (!isThere) await api.close();
  const config = new KubeConfig();
  config.loadFromFile(join(folder, "config"));
  rmSync(folder, { recursive: true });
  const namespaces = watchNamespaces(config, config.makeApiClient(CoreV1Api));
  return { namespaces, close: () => Promise.all([namespaces.stop(), api.close()]) };
}

test("labels are known once all namespaces were listed", async () => {
  const { namespaces, close } = await watching(true);
  assert.equal(namespaces.synced(), false);
  namespaces.start((error) => assert.fail(error));
  while (!namespaces.synced()) await new Promise(setImmediate);
  await new Promise(setImmediate);
  assert.deepEqual(namespaces.labelsOf("shop"), { team: "a" });
  await close();
});

test("without an API server they are not, and whoever asks is told", async () => {
  const { namespaces, close } = await watching(false);
  await new Promise<void>((resolve) => namespaces.start(() => resolve()));
  await new Promise(setImmediate);
  assert.equal(namespaces.synced(), false);
  assert.equal(await namespaces.labelsOf("shop"), undefined);
  await close();
});
