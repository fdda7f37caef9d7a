// How metrics are found: annotations, monitors, rules, the dashboard.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { parse } from "yaml";
import { CHART, find, has, render, skip } from "./render.ts";

const API = "monitoring.coreos.com/v1";
const fileOf = (name: string) => `${CHART}/files/${name}`;

for (const [value, kinds] of [
  ["monitors", ["PodMonitor", "ServiceMonitor"]],
  ["rules", ["PrometheusRule"]],
] as const) {
  test(`metrics.${value}: where there is an operator, always, or never`, { skip }, () => {
    const made = (setting: string, apis: string[]) =>
      kinds.map((kind) => has(render({ values: { [`metrics.${value}`]: setting }, apis }), kind));
    const all = (is: boolean) => kinds.map(() => is);
    assert.deepEqual(made("auto", []), all(false));
    assert.deepEqual(made("auto", [API]), all(true));
    assert.deepEqual(made("always", []), all(true));
    assert.deepEqual(made("never", [API]), all(false));
  });
}

test("monitors select the pods and ports that there are, and name the jobs as the alerts do", { skip }, () => {
  const objects = render({ values: { "metrics.monitorLabels": { release: "prometheus" } }, apis: [API] });
  for (const [kind, workload, endpoints, job] of [
    ["PodMonitor", "DaemonSet", "podMetricsEndpoints", "procview-agent"],
    ["ServiceMonitor", "Service", "endpoints", "procview-webhook"],
  ] as const) {
    const monitor = find(objects, kind);
    const selected = find(objects, workload);
    assert.equal(monitor.metadata.labels?.["release"], "prometheus");
    for (const [key, label] of Object.entries(monitor["spec"].selector.matchLabels)) {
      assert.equal((selected["spec"].template ?? selected).metadata.labels[key], label);
    }
    const [endpoint] = monitor["spec"][endpoints];
    assert.equal(endpoint.port, "metrics");
    assert.deepEqual(endpoint.relabelings[0], { targetLabel: "job", replacement: job });
  }
});

test("metrics.annotations: false takes them away from all pods", { skip }, () => {
  const annotated = (values: Record<string, unknown>) =>
    ["DaemonSet", "Deployment"].map(
      (kind) => find(render({ values }), kind)["spec"].template.metadata.annotations["prometheus.io/scrape"],
    );
  assert.deepEqual(annotated({}), ["true", "true"]);
  assert.deepEqual(annotated({ "metrics.annotations": false }), [undefined, undefined]);
});

test("the rules are those of files/alerts.yaml, word for word", { skip }, () => {
  const rule = find(render({ values: { "metrics.rules": "always" } }), "PrometheusRule");
  assert.deepEqual(rule["spec"], parse(readFileSync(fileOf("alerts.yaml"), "utf8")));
});

test("metrics.dashboard: the dashboard, with labels that Grafana looks for", { skip }, () => {
  const values = { "metrics.dashboard": true, "metrics.dashboardLabels": { grafana: "yes" } };
  const map = find(render({ values }), "ConfigMap", "procview-dashboard");
  assert.deepEqual(
    JSON.parse(map["data"]["procview.json"]),
    JSON.parse(readFileSync(fileOf("dashboard.json"), "utf8")),
  );
  assert.equal(map.metadata.labels?.["grafana"], "yes");
  assert.equal(has(render(), "ConfigMap", "procview-dashboard"), false);
});
