// No value is there for nothing: another one renders something else.

import assert from "node:assert/strict";
import { test } from "node:test";
import { valueRows } from "../../charts/values-table.ts";
import { version } from "../../contract/version.ts";
import { type Rendering, renderText, skip } from "./render.ts";

type Values = NonNullable<Rendering["values"]>;

const SECRET: Values = {
  "webhook.certificates.mode": "secret",
  "webhook.certificates.secretName": "mine",
  "webhook.certificates.caBundle": "-----BEGIN CERTIFICATE-----\nMA==\n",
};

/** By value: another one than the default, and what has to be set for it to matter. */
const OTHERS: Readonly<Record<string, readonly [other: unknown, given?: Values]>> = {
  nameOverride: ["other"],
  fullnameOverride: ["other"],
  "image.repository": ["registry.example/procview"],
  "image.tag": ["other"],
  "image.digest": [`sha256:${"0".repeat(64)}`],
  "image.pullPolicy": ["Always"],
  imagePullSecrets: [[{ name: "regcred" }]],
  commonLabels: [{ team: "infra" }],
  rootDirectory: ["/opt/procview"],
  files: [["meminfo"]],
  logLevel: ["debug"],
  "injection.labels": [[{ key: "mount-lxcfs", enabled: "yes", disabled: "no" }]],
  "injection.excludedNamespaces": [["kube-system"]],
  "injection.attachFiles": [["slabinfo"]],
  "injection.sandboxes": [["kata*"]],
  "injection.treatments": [{ hostPID: "warn" }],
  "injection.podSecurityDefault": ["baseline"],
  "agent.freshness": ["1s"],
  "agent.cpuView": ["cpuset"],
  "agent.swap": [false],
  "agent.loadavg": [false],
  "agent.memoryHigh": [true],
  "agent.workers": [4],
  "agent.grace": ["30s"],
  "agent.heal": [false, { "agent.watchPods": false }],
  "agent.watchPods": [false],
  "agent.startupTaint": ["procview.io/not-ready"],
  "agent.extraArgs": [["--hang-timeout=3s"]],
  "agent.port": [19464],
  "agent.resources": [{ limits: { memory: "1Gi" } }],
  "agent.priorityClassName": ["mine"],
  "agent.priorityQuota": ["always"],
  "agent.nodeSelector": [{ disk: "ssd" }],
  "agent.affinity": [{ podAffinity: {} }],
  "agent.tolerations": [[{ key: "gpu", operator: "Exists" }]],
  "agent.updateStrategy": [{ type: "OnDelete", rollingUpdate: null }],
  "agent.terminationGracePeriodSeconds": [60],
  "agent.podLabels": [{ team: "infra" }],
  "agent.podAnnotations": [{ team: "infra" }],
  "webhook.enabled": [false],
  "webhook.replicas": [3],
  "webhook.failurePolicy": ["Fail"],
  "webhook.timeoutSeconds": [5],
  "webhook.reinvocationPolicy": ["Never"],
  "webhook.matchConditions": [[{ name: "not-mine", expression: "request.namespace != 'mine'" }]],
  "webhook.certificates.mode": ["cert-manager"],
  "webhook.certificates.issuerRef": [{ name: "ours" }, { "webhook.certificates.mode": "cert-manager" }],
  "webhook.certificates.secretName": ["other", SECRET],
  "webhook.certificates.caBundle": ["-----BEGIN CERTIFICATE-----\nMQ==\n", SECRET],
  "webhook.extraArgs": [["--drain=1s"]],
  "webhook.port": [9443],
  "webhook.operationsPort": [9090],
  "webhook.resources": [{ limits: { memory: "1Gi" } }],
  "webhook.priorityClassName": ["mine"],
  "webhook.podDisruptionBudget": [{ maxUnavailable: 2 }],
  "webhook.topologySpreadConstraints": [[]],
  "webhook.nodeSelector": [{ disk: "ssd" }],
  "webhook.affinity": [{ podAffinity: {} }],
  "webhook.tolerations": [[{ key: "gpu", operator: "Exists" }]],
  "webhook.podLabels": [{ team: "infra" }],
  "webhook.podAnnotations": [{ team: "infra" }],
  "uninstall.cleanNodes": [false],
  "uninstall.timeout": ["60s"],
  "networkPolicy.enabled": [false],
  "networkPolicy.apiServerPorts": [[6443]],
  "metrics.annotations": [false],
  "metrics.monitors": ["never"],
  "metrics.monitorLabels": [{ release: "prometheus" }],
  "metrics.interval": ["1m"],
  "metrics.rules": ["never"],
  "metrics.dashboard": [true],
  "metrics.dashboardLabels": [{ grafana: "yes" }, { "metrics.dashboard": true }],
  "tests.namespace": ["elsewhere"],
};

test("every value is tried here", () => {
  assert.deepEqual(
    valueRows().map(({ name }) => name),
    Object.keys(OTHERS),
  );
});

for (const [name, [other, given = {}]] of Object.entries(OTHERS)) {
  test(`${name} changes what is rendered`, { skip }, () => {
    const render = (values: Values) => renderText({ values, apis: ["monitoring.coreos.com/v1"] });
    assert.notEqual(render({ ...given, [name]: other }), render(given));
  });
}

test("the chart is of the version of the program, whose image it takes", { skip }, () => {
  assert.match(renderText(), new RegExp(`image: procview:${version.replaceAll(".", "\\.")}\n`));
  assert.match(renderText(), new RegExp(`helm.sh/chart: procview-${version.replaceAll(".", "\\.")}\n`));
});
