// The webhook's Deployment and what belongs to it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type AnyObject, find, has, OLDEST, render, skip } from "./render.ts";

const specOf = (objects: AnyObject[]): AnyObject => find(objects, "Deployment")["spec"].template.spec;

test("it meets the restricted Pod Security Standard", { skip }, () => {
  const { securityContext, containers, volumes, ...rest } = specOf(render());
  assert.equal(securityContext.runAsNonRoot, true);
  assert.notEqual(securityContext.runAsUser, 0);
  assert.deepEqual(securityContext.seccompProfile, { type: "RuntimeDefault" });
  for (const container of containers) {
    assert.deepEqual(container.securityContext, {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    });
  }
  assert.equal(volumes, undefined);
  for (const shared of ["hostNetwork", "hostPID", "hostIPC"]) assert.equal(shared in rest, false, shared);
});

test("two replicas, spread over nodes and zones, one of them taken at a time, none missing in a rollout", {
  skip,
}, () => {
  const deployment = find(render(), "Deployment")["spec"];
  assert.equal(deployment.replicas, 2);
  assert.deepEqual(deployment.strategy.rollingUpdate, { maxUnavailable: 0, maxSurge: 1 });
  const spread = deployment.template.spec.topologySpreadConstraints;
  assert.deepEqual(
    spread.map(({ topologyKey }: { topologyKey: string }) => topologyKey),
    ["kubernetes.io/hostname", "topology.kubernetes.io/zone"],
  );
  for (const { labelSelector } of spread) assert.deepEqual(labelSelector, deployment.selector);
  const budget = find(render(), "PodDisruptionBudget")["spec"];
  assert.equal(budget.maxUnavailable, 1);
  assert.deepEqual(budget.selector, deployment.selector);
});

test("the budget is of the API that the cluster has, and of one kind", { skip }, () => {
  const budget = (version: string, value: object = { maxUnavailable: 1 }) =>
    find(render({ version, values: { "webhook.podDisruptionBudget": value } }), "PodDisruptionBudget");
  assert.equal(budget(OLDEST).apiVersion, "policy/v1beta1");
  assert.equal(budget("1.21.0").apiVersion, "policy/v1");
  assert.equal(budget("1.26.9")["spec"].unhealthyPodEvictionPolicy, undefined);
  assert.equal(budget("1.27.0")["spec"].unhealthyPodEvictionPolicy, "AlwaysAllow");
  const values = { "webhook.podDisruptionBudget": { maxUnavailable: null, minAvailable: 1 } };
  const { minAvailable, maxUnavailable } = find(render({ values }), "PodDisruptionBudget")["spec"];
  assert.deepEqual([minAvailable, maxUnavailable], [1, undefined]);
});

test("constraints of one's own are kept as they are", { skip }, () => {
  const own = [
    { maxSkew: 2, topologyKey: "rack", whenUnsatisfiable: "DoNotSchedule", labelSelector: { matchLabels: { a: "b" } } },
  ];
  assert.deepEqual(
    specOf(render({ values: { "webhook.topologySpreadConstraints": own } }))["topologySpreadConstraints"],
    own,
  );
  assert.equal(
    "topologySpreadConstraints" in specOf(render({ values: { "webhook.topologySpreadConstraints": [] } })),
    false,
  );
});

test("Service, ports, probes and scraping agree", { skip }, () => {
  const objects = render({ values: { "webhook.port": 9443, "webhook.operationsPort": 9090 } });
  const [container] = specOf(objects)["containers"];
  assert.ok(container.args.includes("--port=9443") && container.args.includes("--operations-port=9090"));
  const ports = Object.fromEntries(
    container.ports.map(({ name, containerPort }: { name: string; containerPort: number }) => [name, containerPort]),
  );
  assert.deepEqual(ports, { reviews: 9443, metrics: 9090 });
  const service = find(objects, "Service", "procview-webhook")["spec"];
  assert.deepEqual(service.selector, find(objects, "Deployment")["spec"].selector.matchLabels);
  for (const { targetPort } of service.ports) assert.ok(targetPort in ports);
  const { clientConfig } = find(objects, "MutatingWebhookConfiguration")["webhooks"][0];
  assert.equal(clientConfig.service.port, service.ports.find(({ name }: { name: string }) => name === "reviews").port);
  const annotations = find(objects, "Deployment")["spec"].template.metadata.annotations;
  assert.equal(annotations["prometheus.io/port"], "9090");
});

test("network policies let in what has to come in, and the webhook out to API servers alone", { skip }, () => {
  const objects = render({ values: { "networkPolicy.apiServerPorts": [6443] } });
  const webhook = find(objects, "NetworkPolicy", "procview-webhook")["spec"];
  assert.deepEqual(
    webhook.ingress[0].ports.map(({ port }: { port: number }) => port),
    [8443, 8080],
  );
  assert.deepEqual(webhook.egress, [{ ports: [{ port: 6443, protocol: "TCP" }] }]);
  assert.deepEqual(find(objects, "NetworkPolicy", "procview-agent")["spec"].ingress[0].ports[0].port, 9464);
  assert.equal(has(render({ values: { "networkPolicy.enabled": false } }), "NetworkPolicy"), false);
});

test("no webhook: nothing of it is there, the agent is", { skip }, () => {
  const objects = render({ values: { "webhook.enabled": false } });
  const ofWebhook = objects.filter(({ metadata }) => JSON.stringify(metadata).includes("webhook"));
  assert.deepEqual(ofWebhook, []);
  find(objects, "DaemonSet");
});

test("treatments, sandboxes, excluded namespaces and labels reach the webhook", { skip }, () => {
  const { args } = specOf(
    render({
      values: {
        "injection.treatments.hostPID": "warn",
        "injection.sandboxes": ["kata*"],
        "injection.excludedNamespaces": ["kube-system"],
        "injection.labels": [{ key: "mount-lxcfs", enabled: "yes", disabled: "no" }],
      },
    }),
  )["containers"][0];
  const among = (flag: string) => args.filter((arg: string) => arg.startsWith(`--${flag}=`));
  assert.ok(among("treat").includes("--treat=hostPID=warn"));
  assert.deepEqual(among("sandbox"), ["--sandbox=kata*"]);
  assert.deepEqual(among("exclude-namespace"), ["--exclude-namespace=kube-system"]);
  assert.deepEqual(among("label"), ["--label=mount-lxcfs=yes:no"]);
});
