import assert from "node:assert/strict";
import { test } from "node:test";
import { faultsIn120, faultsInNewest } from "../object-schema.ts";
import { type AnyObject, find, NEWEST, OLDEST, type Rendering, render, skip } from "./render.ts";

const OPERATOR_GROUPS = ["monitoring.coreos.com", "cert-manager.io"];
const ALL_ON = {
  imagePullSecrets: [{ name: "regcred" }],
  "agent.priorityQuota": "always",
  "agent.watchPods": true,
  "agent.startupTaint": "procview.io/not-ready",
  "metrics.monitors": "always",
  "metrics.rules": "always",
  "metrics.dashboard": true,
  "webhook.matchConditions": [{ name: "not-mine", expression: "request.namespace != 'mine'" }],
};

/** Every combination that brings kinds or fields of its own. */
const RENDERINGS: Readonly<Record<string, Rendering["values"]>> = {
  "the defaults": {},
  "all that is optional": ALL_ON,
  "cert-manager": { ...ALL_ON, "webhook.certificates.mode": "cert-manager" },
  "cert-manager with an issuer": {
    "webhook.certificates": { mode: "cert-manager", issuerRef: { kind: "ClusterIssuer", name: "ours" } },
  },
  "a Secret": {
    "webhook.certificates": { mode: "secret", secretName: "mine", caBundle: "-----BEGIN CERTIFICATE-----\nMA==\n" },
  },
  "no webhook": { "webhook.enabled": false },
};

const ofOperators = ({ apiVersion }: AnyObject) => OPERATOR_GROUPS.includes(apiVersion.split("/")[0] ?? "");

for (const [what, values] of Object.entries(RENDERINGS)) {
  test(`${what}: Kubernetes 1.20 knows every kind and field`, { skip }, () => {
    const objects = render({ values: values ?? {}, version: OLDEST });
    assert.deepEqual(objects.filter((object) => !ofOperators(object)).flatMap(faultsIn120), []);
  });

  test(`${what}: the newest Kubernetes and operators take every object`, { skip }, async () => {
    const objects = render({ values: values ?? {}, version: NEWEST });
    assert.deepEqual((await Promise.all(objects.map(faultsInNewest))).flat(), []);
  });
}

test("the check finds fields that are newer than 1.20", { skip }, () => {
  const budget = find(render(), "PodDisruptionBudget");
  assert.match(faultsIn120(budget).join(), /1\.20 has no policy\/v1 PodDisruptionBudget/);
  const configuration = find(render(), "MutatingWebhookConfiguration");
  assert.match(faultsIn120(configuration).join(), /matchConditions/);
});

test("names and namespaces are right: unique, short enough for pods, all in the release's namespace", { skip }, () => {
  const CLUSTER_WIDE = ["ClusterRole", "ClusterRoleBinding", "MutatingWebhookConfiguration"];
  for (const release of ["procview", "a-release-whose-name-is-as-long-as-helm-lets-it-be-53"]) {
    const objects = render({ values: ALL_ON, release });
    const names = objects.map(({ kind, metadata }) => `${kind}/${metadata.namespace ?? ""}/${metadata.name}`);
    assert.deepEqual(
      names.filter((name, index) => names.indexOf(name) !== index),
      [],
    );
    for (const { kind, metadata } of objects) {
      assert.ok(metadata.name.length <= 57, metadata.name);
      if (!CLUSTER_WIDE.includes(kind))
        assert.ok(["procview-system", "default"].includes(metadata.namespace ?? ""), kind);
    }
  }
});
