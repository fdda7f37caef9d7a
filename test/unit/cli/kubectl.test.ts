// What `kubectl procview` prints.

import assert from "node:assert/strict";
import { test } from "node:test";
import { formatNodes, formatPod, formatWhy, whyOf } from "../../../cli/kubectl/text.ts";
import { decideLive } from "../../../injection/decide-live.ts";
import type { Labels, Pod } from "../../../injection/pod.ts";
import { DEFAULT_POLICY } from "../../../injection/policy.ts";

const agent = { node: "n1", namespace: "procview-system", pod: "agent-x", ready: true, uninstall: undefined };
const name = { namespace: "shop", pod: "web", container: "app" };
const containers = [
  { id: "1", name, files: { "proc/meminfo": "own", "sys/devices/system/cpu": "own" }, troubles: [] },
  { id: "2", files: { "proc/stat": "own", "proc/swaps": "stale" }, troubles: [] },
  { id: "3", files: { "proc/stat": "absent" }, troubles: ["locked"] },
];

test("a line a node", () => {
  assert.equal(
    formatNodes([
      { agent, report: { node: "n1", containers } },
      { agent: { ...agent, node: "node-2", ready: false }, report: "no answer: gone" },
      {
        agent: { ...agent, node: "n3", uninstall: "done" },
        report: { node: "n3", notReady: "cleaned", containers: [] },
      },
    ]),
    [
      "NODE    AGENT                    READY  CONTAINERS  STATE",
      "n1      procview-system/agent-x  yes    3           own 1, stale 1, locked 1",
      "node-2  procview-system/agent-x  no     0           no answer: gone",
      "n3      procview-system/agent-x  yes    0           uninstall done",
      "",
    ].join("\n"),
  );
});

test("a pod: what the webhook did, and each container", () => {
  const status = { version: "1", mode: "mount", files: ["/proc/meminfo"], attach: [], skipped: [] };
  const pod: Pod = { metadata: { annotations: { "procview.io/status": JSON.stringify(status) } } };
  assert.equal(
    formatPod("shop/web", pod, [containers[0] as never], "why"),
    "shop/web: why\n  webhook   mount, procview 1; volumes: /proc/meminfo; agent: nothing\n  app   own: meminfo cpu\n",
  );
  assert.match(formatPod("shop/web", {}, [], "why"), /no container of it has files of procview/);
});

test("why, and why not", () => {
  const live = (labels: Labels, namespaceLabels: Labels, spec: object = {}) => {
    const pod: Pod = { metadata: { labels }, spec: { containers: [{ name: "app" }], ...spec } };
    return { pod, live: decideLive({ pod, namespace: "shop", namespaceLabels, policy: DEFAULT_POLICY }) };
  };
  const yes = { "procview.io/inject": "enabled" };
  assert.match(
    whyOf(live({}, {}).live),
    /^not injected: Neither the pod nor its namespace asks for it \(notOptedIn\)$/,
  );
  assert.match(whyOf(live({}, yes).live), /^not injected: its namespace opts in, but the webhook has not seen the pod/);
  assert.match(whyOf(live(yes, {}).live), /^mount; a label of the pod itself/);
  const masked = live(yes, {}, { containers: [{ name: "app", securityContext: { procMount: "Unmasked" } }] });
  assert.match(formatWhy("shop/web", masked.pod, masked.live), /skipped {3}app: Its procMount is Unmasked/);
  assert.match(formatWhy("shop/web", masked.pod, masked.live), /procview.io\/status {3}absent/);
});
