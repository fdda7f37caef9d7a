// Which labels and annotations count for a pod that runs, and what its containers then have.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ANNOTATIONS } from "../../../contract/annotations.ts";
import { ALL_FILES, RUNTIME_FILES } from "../../../contract/file-names.ts";
import { decideLive, isLookedAfter } from "../../../injection/decide-live.ts";
import type { Labels, Pod, PodSpec } from "../../../injection/pod.ts";
import { DEFAULT_POLICY } from "../../../injection/policy.ts";

const YES = { "procview.io/inject": "enabled" };
const NO = { "procview.io/inject": "disabled" };
const RESTRICTED = { "pod-security.kubernetes.io/enforce": "restricted" };
const MODE = ANNOTATIONS.mode.key;
const seen = (mode: string) => ({ [ANNOTATIONS.status.key]: JSON.stringify({ mode }) });

function decide(labels: Labels, annotations: Labels, namespaceLabels: Labels, spec: PodSpec = {}) {
  const pod: Pod = { metadata: { labels, annotations }, spec: { containers: [{ name: "app" }], ...spec } };
  return decideLive({ pod, namespace: "shop", namespaceLabels, policy: DEFAULT_POLICY });
}

test("who says so, in every combination", () => {
  const cases: [Labels, Labels, Labels, string][] = [
    [{}, {}, {}, "skipped"],
    [YES, {}, {}, "ownLabel"],
    [YES, {}, NO, "ownLabel"],
    [NO, seen("mount"), YES, "skipped"],
    [{}, {}, YES, "notSeen"],
    [{}, seen("mount"), YES, "seenByWebhook"],
    [{}, seen("attach"), YES, "seenByWebhook"],
    [{}, seen("skip"), YES, "notSeen"],
    [{}, { [ANNOTATIONS.status.key]: "not json" }, YES, "notSeen"],
    [{}, seen("mount"), {}, "skipped"],
    [{}, { [MODE]: "attach" }, YES, "attachRequested"],
    [{}, { [MODE]: "attach" }, {}, "skipped"],
    [{}, {}, { ...YES, ...RESTRICTED }, "notSeen"],
    [YES, {}, RESTRICTED, "ownLabel"],
  ];
  for (const [labels, annotations, namespaceLabels, want] of cases) {
    const { reason } = decide(labels, annotations, namespaceLabels);
    assert.equal(reason, want, JSON.stringify([labels, annotations, namespaceLabels]));
  }
});

test("all files for every container, ephemeral ones too; but for those excluded or unmasked", () => {
  const spec = {
    initContainers: [{ name: "init" }],
    containers: [{ name: "app" }, { name: "left" }, { name: "docker", securityContext: { procMount: "Unmasked" } }],
    ephemeralContainers: [{ name: "debugger" }],
  };
  const { files } = decide(YES, { [ANNOTATIONS.excludeContainers.key]: "left" }, {}, spec);
  const given = Object.fromEntries([...files].map(([name, paths]) => [name, paths.length]));
  const all = ALL_FILES.length;
  assert.deepEqual(given, { init: all, app: all, left: 0, docker: 0, debugger: all });
});

test("procview.io/files and cpu-view count; an unknown container has what only the agent places, if all agree", () => {
  const asked = { [ANNOTATIONS.files.key]: "meminfo,vmstat", [ANNOTATIONS.cpuView.key]: "host" };
  const one = decide(YES, asked, {});
  assert.deepEqual(one.files.get("app"), ["proc/meminfo", "proc/vmstat"]);
  assert.deepEqual([one.onlyAttach, one.cpuView], [["proc/vmstat"], "host"]);
  const two = decide(YES, { ...asked, [ANNOTATIONS.excludeContainers.key]: "app" }, {});
  assert.deepEqual(two.onlyAttach, []);
});

test("a user's mount at, above or below a path is not mounted over", () => {
  const at = (mountPath: string) =>
    decide(YES, {}, {}, { containers: [{ name: "app", volumeMounts: [{ name: "mine", mountPath }] }] }).files.get(
      "app",
    );
  assert.ok(!at("/proc/meminfo")?.includes("proc/meminfo"));
  assert.deepEqual(at("/proc"), ["sys/devices/system/cpu"]);
  assert.ok(!at("/sys/devices/system/cpu/online")?.includes("sys/devices/system/cpu"));
});

test("who is not looked after keeps what the pod's own volumes hold", () => {
  const hostPath = (path: string) => ({ path: `/var/lib/procview/fs/${path}`, type: "File" });
  const spec = {
    volumes: RUNTIME_FILES.slice(0, 2).map((path, at) => ({ name: `v${at}`, hostPath: hostPath(path) })),
    containers: [
      { name: "app", volumeMounts: [{ name: "v0", mountPath: `/${RUNTIME_FILES[0]}` }] },
      { name: "odd", volumeMounts: [{ name: "v1", mountPath: "/elsewhere" }] },
    ],
  };
  const live = decide(NO, seen("mount"), YES, spec);
  assert.ok(!isLookedAfter(live));
  assert.deepEqual(
    [...live.files],
    [
      ["app", [RUNTIME_FILES[0]]],
      ["odd", []],
    ],
  );
});
