// Which pods the API server sends: the selectors of the rendered configuration, against what the webhook itself decides.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { OptInLabel } from "../../contract/labels.ts";
import { optInOf } from "../../injection/opt-in.ts";
import { type AnyObject, find, OLDEST, render, skip } from "./render.ts";

type Labels = Record<string, string>;

interface Requirement {
  key: string;
  operator: "In" | "NotIn" | "Exists" | "DoesNotExist";
  values?: string[];
}

/** https://kubernetes.io/docs/concepts/overview/working-with-objects/labels: NotIn is also true of an absent key. */
function selects({ matchExpressions }: { matchExpressions: Requirement[] }, labels: Labels): boolean {
  const holds: Record<Requirement["operator"], (requirement: Requirement) => boolean> = {
    In: ({ key, values }) => key in labels && (values ?? []).includes(labels[key] ?? ""),
    NotIn: ({ key, values }) => !(key in labels && (values ?? []).includes(labels[key] ?? "")),
    Exists: ({ key }) => key in labels,
    DoesNotExist: ({ key }) => !(key in labels),
  };
  return matchExpressions.every((requirement) => holds[requirement.operator](requirement));
}

const callsFor = (configuration: AnyObject, podLabels: Labels, namespaceLabels: Labels): string[] =>
  configuration["webhooks"]
    .filter(
      ({ namespaceSelector, objectSelector }: Record<string, { matchExpressions: Requirement[] }>) =>
        selects(namespaceSelector!, namespaceLabels) && selects(objectSelector!, podLabels),
    )
    .map(({ name }: { name: string }) => name);

const configurationOf = (values: Record<string, unknown>) => find(render({ values }), "MutatingWebhookConfiguration");
const own: OptInLabel = { key: "procview.io/inject", enabled: "enabled", disabled: "disabled" };
const lxcfs: OptInLabel = { key: "lxcfs-admission-webhook", enabled: "enabled", disabled: "off" };
const mount: OptInLabel = { key: "mount-lxcfs", enabled: "yes", disabled: "no" };

/** Every way to say something with these labels. */
function sayings(known: readonly OptInLabel[]): Labels[] {
  return known.reduce<Labels[]>(
    (all, { key, enabled, disabled }) =>
      all.flatMap((labels) => [labels, ...[enabled, disabled, "other"].map((value) => ({ ...labels, [key]: value }))]),
    [{}],
  );
}

for (const optInLabels of [[own], [lxcfs], [own, lxcfs], [mount, own, lxcfs]]) {
  const keys = optInLabels.map(({ key }) => key).join(", ");
  test(`${keys}: a pod is sent once if it or its namespace asks, and never otherwise`, { skip }, () => {
    const configuration = configurationOf({ "injection.labels": optInLabels });
    for (const podLabels of sayings(optInLabels)) {
      for (const namespaceLabels of sayings(optInLabels)) {
        const calls = callsFor(configuration, podLabels, { ...namespaceLabels, "kubernetes.io/metadata.name": "shop" });
        const { wanted } = optInOf(podLabels, namespaceLabels, optInLabels);
        const said = JSON.stringify({ podLabels, namespaceLabels, calls });
        assert.equal(calls.length, wanted === "yes" ? 1 : 0, said);
      }
    }
  });
}

test("pods of the chart's own namespace and of excluded ones are never sent, whatever their labels", { skip }, () => {
  const configuration = configurationOf({ "injection.excludedNamespaces": ["kube-system", "monitoring"] });
  for (const name of ["kube-system", "monitoring", "procview-system"]) {
    for (const podLabels of sayings([own])) {
      const namespaceLabels = { "kubernetes.io/metadata.name": name, [own.key]: own.enabled };
      assert.deepEqual(callsFor(configuration, podLabels, namespaceLabels), [], name);
    }
  }
});

test("pods of the chart are not sent where namespaces are not labelled with their names, as on 1.20", { skip }, () => {
  const objects = render({ values: { "injection.labels": [own, lxcfs] }, version: OLDEST });
  const configuration = find(objects, "MutatingWebhookConfiguration");
  for (const kind of ["DaemonSet", "Deployment"]) {
    const { labels } = find(objects, kind)["spec"].template.metadata;
    assert.deepEqual(callsFor(configuration, labels, { [own.key]: own.enabled, [lxcfs.key]: lxcfs.enabled }), [], kind);
  }
});

test("every entry is as harmless as an entry can be", { skip }, () => {
  for (const entry of configurationOf({})["webhooks"]) {
    assert.equal(entry.failurePolicy, "Ignore");
    assert.ok(entry.timeoutSeconds <= 5);
    assert.equal(entry.sideEffects, "NoneOnDryRun");
    assert.equal(entry.reinvocationPolicy, "IfNeeded");
    assert.deepEqual(entry.admissionReviewVersions, ["v1"]);
    assert.deepEqual(entry.rules, [
      { operations: ["CREATE"], apiGroups: [""], apiVersions: ["v1"], resources: ["pods"], scope: "Namespaced" },
    ]);
    assert.ok(entry.name.split(".").length >= 3, "a fully qualified name");
  }
});

test("conditions are stated from 1.28 on, and nowhere before", { skip }, () => {
  const values = { "webhook.matchConditions": [{ name: "not-mine", expression: "request.namespace != 'mine'" }] };
  const names = (version: string) =>
    find(render({ values, version }), "MutatingWebhookConfiguration")["webhooks"].map(
      ({ matchConditions }: { matchConditions?: { name: string }[] }) => matchConditions?.map(({ name }) => name),
    );
  assert.deepEqual(names("1.28.0"), [
    ["not-a-mirror", "not-mine"],
    ["not-a-mirror", "not-mine"],
  ]);
  assert.deepEqual(names("1.27.9"), [undefined, undefined]);
});

test("webhook.failurePolicy, timeoutSeconds and reinvocationPolicy are passed on", { skip }, () => {
  const values = {
    "webhook.failurePolicy": "Fail",
    "webhook.timeoutSeconds": 7,
    "webhook.reinvocationPolicy": "Never",
  };
  for (const entry of configurationOf(values)["webhooks"]) {
    assert.deepEqual([entry.failurePolicy, entry.timeoutSeconds, entry.reinvocationPolicy], ["Fail", 7, "Never"]);
  }
});
