// manifests/ are the chart with its defaults: they show in a review what a change of a template does.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { parseAllDocuments } from "yaml";
import { MANIFESTS, manifestPath, renderManifest } from "../../charts/render-manifests.ts";
import { faultsIn120, faultsInNewest, type KubernetesObject } from "../object-schema.ts";
import { skip } from "./render.ts";

const objectsOf = (file: string): KubernetesObject[] =>
  parseAllDocuments(readFileSync(manifestPath(file), "utf8"))
    .map((document) => document.toJSON())
    .filter((object) => object !== null);

for (const file of Object.keys(MANIFESTS)) {
  test(`manifests/${file} is up to date: npm run manifests`, { skip }, () => {
    assert.equal(readFileSync(manifestPath(file), "utf8"), renderManifest(file));
  });
}

test("there is no other file in manifests/", () => {
  assert.deepEqual(readdirSync(manifestPath(".")).sort(), Object.keys(MANIFESTS).sort());
});

test("each is one that its Kubernetes takes, the namespace included", async () => {
  assert.deepEqual(objectsOf("procview-kubernetes-1.20.yaml").flatMap(faultsIn120), []);
  assert.deepEqual((await Promise.all(objectsOf("procview.yaml").map(faultsInNewest))).flat(), []);
});
