// Pods and namespaces as they come and go, and what follows for containers.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Labels } from "../../../injection/pod.ts";
import { DEFAULT_POLICY } from "../../../injection/policy.ts";
import { Pods } from "../../../node-agent/kube/pods.ts";
import { type RunningPod, runningPodOf } from "../../../node-agent/kube/running-pod.ts";
import { filesFor } from "../../../node-agent/kube/wanted-by-pods.ts";

const YES = { "procview.io/inject": "enabled" };
const ALL = DEFAULT_POLICY.files;

function pod(name: string, labels: Labels = {}, ids: Record<string, string> = {}): RunningPod {
  return runningPodOf({
    metadata: {
      ...{ uid: `uid-${name}`, name, namespace: "shop", labels },
      annotations: { "kubectl.kubernetes.io/last-applied-configuration": "{}", "procview.io/files": "meminfo,stat" },
      managedFields: [{}],
    },
    spec: { containers: [{ name: "app", image: "x", env: [{ name: "A", value: "B" }] }], tolerations: [{}] },
    status: {
      containerStatuses: Object.entries(ids).map(([id, one]) => ({ name: one, containerID: `cri-o://${id}` })),
    },
  });
}

function collected(): { pods: Pods; changed: () => string[] } {
  const names: string[] = [];
  const pods = new Pods(DEFAULT_POLICY, (changed) => names.push(...changed.map(({ name }) => name)));
  return { pods, changed: () => names.splice(0) };
}

test("of a pod, what nobody decides by is not kept", () => {
  const { pod: kept, containers } = pod("web", YES, { c1: "app" });
  assert.deepEqual(kept.metadata?.annotations, { "procview.io/files": "meminfo,stat" });
  assert.deepEqual(kept.spec, {
    containers: [{ name: "app", volumeMounts: [] }],
    initContainers: [],
    ephemeralContainers: [],
    volumes: [],
  });
  assert.deepEqual([...containers], [["c1", "app"]]);
});

test("nothing is decided before the namespace is known; then what has an effect is told, and nothing else", () => {
  const { pods, changed } = collected();
  pods.podsListed([pod("web", YES, { c1: "app" }), pod("other")]);
  assert.deepEqual(changed(), ["web", "other"]);
  assert.equal(pods.find("c1", undefined)?.decision, undefined);
  assert.equal(pods.isComplete, false);
  pods.namespacesListed([{ name: "shop", labels: {} }]);
  assert.equal(pods.isComplete, true);
  assert.deepEqual(changed(), ["web", "other"]);
  assert.deepEqual(pods.find("c1", undefined)?.decision?.files.get("app"), ["proc/meminfo", "proc/stat"]);
  pods.podChanged(pod("web", YES, { c1: "app" }));
  pods.podChanged(pod("web", { ...YES, app: "shop" }, { c1: "app" }));
  pods.namespaceChanged({ name: "shop", labels: YES });
  assert.deepEqual(changed(), []);
  pods.podChanged(pod("web", {}, { c1: "app" }));
  assert.deepEqual(changed(), ["web"]);
});

test("a container is found by its id, else by the uid of its pod; both go with the pod", () => {
  const { pods } = collected();
  pods.podsListed([pod("web", YES, { c1: "app" })]);
  assert.equal(pods.find("c1", "uid-of-nobody")?.name, "app");
  assert.equal(pods.find("c2", "uid-web")?.name, undefined);
  assert.equal(pods.find("c2", "uid-web")?.pod.name, "web");
  pods.podChanged(pod("web", YES, { c2: "app" }));
  assert.equal(pods.find("c1", undefined), undefined);
  pods.podsListed([]);
  assert.deepEqual([pods.find("c2", "uid-web"), pods.size], [undefined, 0]);
});

test("what a container should have", () => {
  const { pods } = collected();
  pods.namespacesListed([{ name: "shop", labels: {} }]);
  const found = (labels: Labels, id = "c1") => {
    pods.podsListed([pod("web", labels, { c1: "app" })]);
    const one = pods.find(id, "uid-web");
    assert.ok(one);
    return one;
  };
  const two = ["proc/meminfo", "proc/stat"];
  assert.deepEqual(filesFor(found(YES), [], false), two);
  // Taken away: all that is there, also where nothing is known to be ours.
  assert.deepEqual(filesFor(found({}), ALL, false), []);
  assert.deepEqual(filesFor(found({}), [], true), []);
  assert.equal(filesFor(found({}), [], false), undefined);
  // Not told of yet: as it is, and what only the agent places.
  assert.equal(filesFor(found(YES, "c9"), [], false), undefined);
  assert.deepEqual(filesFor(found(YES, "c9"), ["proc/stat"], false), ["proc/stat"]);
  assert.equal(filesFor({ pod: pod("web"), name: "app", decision: undefined }, ALL, true), undefined);
});
