// The DaemonSet, and what an agent may do.

import assert from "node:assert/strict";
import { test } from "node:test";
import { AGENT_PORT, AGENT_SELECTOR } from "../../cli/kubectl/agent-place.ts";
import { DEFAULT_ROOT } from "../../contract/host-paths.ts";
import { type AnyObject, find, has, type Rendering, render, skip } from "./render.ts";

const podOf = (objects: AnyObject[], kind = "DaemonSet"): AnyObject => find(objects, kind)["spec"].template;
const specOf = (values: Rendering["values"] = {}) => podOf(render({ values }))["spec"];
const containerOf = (values: Rendering["values"] = {}) => specOf(values).containers[0];

test("it is on every node, before all else, and sees the host's processes", { skip }, () => {
  const spec = specOf();
  assert.equal(spec.hostPID, true);
  assert.equal(spec.priorityClassName, "system-node-critical");
  assert.deepEqual(spec.tolerations, [{ operator: "Exists" }]);
  assert.deepEqual(spec.nodeSelector, { "kubernetes.io/os": "linux" });
  for (const shared of ["hostNetwork", "hostIPC"]) assert.equal(shared in spec, false, shared);
});

test("no variable of a Service can be taken for an option: the agent reads PROCVIEW_*", { skip }, () => {
  const objects = render();
  for (const kind of ["DaemonSet", "Deployment", "Job"]) {
    assert.equal(podOf(objects, kind)["spec"].enableServiceLinks, false, kind);
  }
});

test("no agent is meant for what only looks like a node", { skip }, () => {
  const [{ matchExpressions }] =
    specOf().affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms;
  const excluded = matchExpressions.map(({ key, operator, values }: Record<string, unknown>) => [
    key,
    operator,
    values,
  ]);
  assert.deepEqual(excluded, [
    ["eks.amazonaws.com/compute-type", "NotIn", ["fargate"]],
    ["type", "NotIn", ["virtual-kubelet"]],
  ]);
});

test("kubectl procview finds it by the labels and the port that it looks for", { skip }, () => {
  const { metadata, ...template } = podOf(render());
  const wanted = AGENT_SELECTOR.split(",").map((each) => each.split("="));
  for (const [key = "", value] of wanted) assert.equal(metadata.labels?.[key], value, key);
  assert.equal(template["spec"].containers[0].ports[0].containerPort, AGENT_PORT);
});

test("it is root and privileged, with a root file system that is not written", { skip }, () => {
  const { privileged, runAsUser, readOnlyRootFilesystem } = containerOf().securityContext;
  assert.deepEqual([privileged, runAsUser, readOnlyRootFilesystem], [true, 0, true]);
});

test("the host's directories are where the host has them", { skip }, () => {
  const { volumes, containers } = specOf();
  const paths = volumes.map(({ hostPath }: { hostPath: { path: string } }) => hostPath.path);
  const mounts = containers[0].volumeMounts.map(({ mountPath }: { mountPath: string }) => mountPath);
  assert.deepEqual(paths, [DEFAULT_ROOT, "/sys/fs/cgroup"]);
  assert.deepEqual(mounts, paths);
  assert.equal(containers[0].volumeMounts[0].mountPropagation, "HostToContainer");
});

test("rootDirectory moves agent, volumes and webhook together", { skip }, () => {
  const objects = render({ values: { rootDirectory: "/opt/procview" } });
  const { volumes, containers } = podOf(objects)["spec"];
  assert.equal(volumes[0].hostPath.path, "/opt/procview");
  assert.equal(containers[0].volumeMounts[0].mountPath, "/opt/procview");
  for (const kind of ["DaemonSet", "Deployment"]) {
    assert.ok(podOf(objects, kind)["spec"].containers[0].args.includes("--root=/opt/procview"), kind);
  }
});

test("nothing throttles it: memory is limited, CPU is not", { skip }, () => {
  const { requests, limits } = containerOf().resources;
  assert.deepEqual(Object.keys(requests), ["cpu", "memory"]);
  assert.deepEqual(Object.keys(limits), ["memory"]);
});

test("one node after the other; a surge, or none, for who wants that", { skip }, () => {
  const strategy = find(render(), "DaemonSet")["spec"].updateStrategy;
  assert.deepEqual(strategy, { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 1 } });
  const values = { "agent.updateStrategy": { type: "OnDelete", rollingUpdate: null } };
  assert.deepEqual(find(render({ values }), "DaemonSet")["spec"].updateStrategy, { type: "OnDelete" });
  const surge = { "agent.updateStrategy.rollingUpdate": { maxSurge: 1, maxUnavailable: 0 } };
  assert.deepEqual(find(render({ values: surge, version: "1.22.0" }), "DaemonSet")["spec"].updateStrategy, {
    type: "RollingUpdate",
    rollingUpdate: { maxSurge: 1, maxUnavailable: 0 },
  });
  assert.throws(
    () => render({ values: surge, version: "1.21.14" }),
    /maxSurge needs Kubernetes 1\.22, this is v1\.21\.14/,
  );
});

test("agent.port is the one that is listened on, probed and scraped", { skip }, () => {
  const template = podOf(render({ values: { "agent.port": 19464 } }));
  const [container] = template["spec"].containers;
  assert.ok(container.args.includes("--listen=:19464"));
  assert.equal(container.ports[0].containerPort, 19464);
  assert.equal(template.metadata.annotations?.["prometheus.io/port"], "19464");
  assert.equal(container.livenessProbe.httpGet.path, "/healthz");
  assert.equal(container.readinessProbe.httpGet.path, "/readyz");
  for (const probe of ["livenessProbe", "readinessProbe"]) assert.equal(container[probe].httpGet.port, "metrics");
});

test("a probe waits longer than the agent for its own read", { skip }, () => {
  const { readinessProbe, args } = containerOf({ "agent.extraArgs": ["--probe-timeout=2s"] });
  assert.ok(args.includes("--probe-timeout=2s"));
  assert.ok(readinessProbe.timeoutSeconds > 2);
});

test("agent.priorityQuota: a quota where GKE asks for one, or always, or never", { skip }, () => {
  const quota = (priorityQuota: string, version?: string) =>
    has(render({ values: { "agent.priorityQuota": priorityQuota }, ...(version && { version }) }), "ResourceQuota");
  assert.equal(quota("auto"), false);
  assert.equal(quota("auto", "v1.31.4-gke.100"), true);
  assert.equal(quota("always"), true);
  assert.equal(quota("never", "v1.31.4-gke.100"), false);
});

test("labels, annotations, selectors, tolerations and affinity of pods are passed on", { skip }, () => {
  const affinity = { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [] } } };
  for (const [part, kind] of [
    ["agent", "DaemonSet"],
    ["webhook", "Deployment"],
  ] as const) {
    const template = podOf(
      render({
        values: {
          [`${part}.podLabels`]: { team: "infra" },
          [`${part}.podAnnotations`]: { why: "because" },
          [`${part}.nodeSelector`]: { disk: "ssd" },
          [`${part}.tolerations`]: [{ key: "gpu", operator: "Exists" }],
          [`${part}.affinity.nodeAffinity`]: affinity.nodeAffinity,
          [`${part}.priorityClassName`]: "mine",
          commonLabels: { owner: "us" },
          imagePullSecrets: [{ name: "regcred" }],
        },
      }),
      kind,
    );
    const { metadata } = template;
    const spec = template["spec"];
    assert.equal(metadata.labels?.["team"], "infra");
    assert.equal(metadata.labels?.["owner"], "us");
    assert.equal(metadata.annotations?.["why"], "because");
    assert.equal(spec.nodeSelector.disk, "ssd");
    assert.deepEqual(spec.tolerations, [{ key: "gpu", operator: "Exists" }]);
    assert.deepEqual(spec.affinity, affinity);
    assert.equal(spec.priorityClassName, "mine");
    assert.deepEqual(spec.imagePullSecrets, [{ name: "regcred" }]);
  }
});

test("image: repository, tag, digest, pull policy", { skip }, () => {
  const image = (values: Record<string, unknown>) => {
    const images = ["DaemonSet", "Deployment"].map((kind) => {
      const { image, imagePullPolicy } = podOf(render({ values }), kind)["spec"].containers[0];
      return `${image} ${imagePullPolicy}`;
    });
    assert.equal(images[0], images[1]);
    return images[0];
  };
  assert.match(image({}) ?? "", /^procview:\d+\.\d+\.\d+ IfNotPresent$/);
  const local = { "image.repository": "localhost/procview", "image.tag": "e2e", "image.pullPolicy": "Never" };
  assert.equal(image(local), "localhost/procview:e2e Never");
  const digest = `sha256:${"a".repeat(64)}`;
  assert.equal(image({ "image.tag": "e2e", "image.digest": digest }), `procview@${digest} IfNotPresent`);
});
