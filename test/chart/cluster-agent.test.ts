// Agents that watch the pods of their node: their rights, the startup taint, and how `helm uninstall` asks them.

import assert from "node:assert/strict";
import { test } from "node:test";
import { find, has, type Rendering, render, renderText, skip } from "./render.ts";
import { rightsOf } from "./rights.ts";

const watching = (values: Rendering["values"] = {}) => render({ values: { "agent.watchPods": true, ...values } });
const specOf = (objects: ReturnType<typeof render>) => find(objects, "DaemonSet")["spec"].template.spec;

test("an agent that does not watch pods has no token and no rights", { skip }, () => {
  const objects = render({ values: { "agent.watchPods": false } });
  assert.equal(specOf(objects).automountServiceAccountToken, false);
  assert.equal("env" in specOf(objects).containers[0], false);
  for (const kind of ["Role", "ClusterRole"]) assert.equal(has(objects, kind, "procview-agent"), false, kind);
});

test("one that does may read pods and namespaces, tell by Events, and answer on pods of its own namespace", {
  skip,
}, () => {
  const objects = watching();
  assert.equal(specOf(objects).automountServiceAccountToken, true);
  const rights = ["pods: list,watch", "namespaces: list,watch", "events: create"];
  assert.deepEqual(rightsOf(find(objects, "ClusterRole", "procview-agent")), rights);
  assert.deepEqual(rightsOf(find(objects, "Role", "procview-agent")), ["pods: patch"]);
  const names = specOf(objects).containers[0].env.map(({ name }: { name: string }) => name);
  assert.deepEqual(names, ["NODE_NAME", "POD_NAME", "POD_NAMESPACE"]);
});

test("agent.startupTaint: may patch nodes then, and only then; without watching it is refused", { skip }, () => {
  const objects = watching({ "agent.startupTaint": "procview.io/not-ready" });
  assert.ok(specOf(objects).containers[0].args.includes("--startup-taint=procview.io/not-ready"));
  assert.ok(rightsOf(find(objects, "ClusterRole", "procview-agent")).includes("nodes: get,patch"));
  const values = { "agent.watchPods": false, "agent.startupTaint": "procview.io/not-ready" };
  assert.throws(() => renderText({ values }), /agent\.startupTaint needs agent\.watchPods/);
  assert.throws(() => renderText({ values: { "agent.heal": false } }), /set agent\.watchPods=false as well/);
});

test("agents decide about pods by the same flags as the webhook", { skip }, () => {
  const objects = watching({
    "injection.labels": [{ key: "mount-lxcfs", enabled: "yes", disabled: "no" }],
    "injection.attachFiles": ["slabinfo"],
  });
  const POLICY = /^--(label|exclude-namespace|sandbox|treat|pod-security-default|attach-files)=/;
  const [agent, webhook] = ["DaemonSet", "Deployment"].map((kind) =>
    find(objects, kind)["spec"].template.spec.containers[0].args.filter((arg: string) => POLICY.test(arg)),
  );
  assert.ok(agent.length > 10);
  assert.deepEqual(agent, webhook);
});

test("helm uninstall first asks all agents, by a Job with no right but that", { skip }, () => {
  const objects = watching({ "uninstall.timeout": "45s" });
  const job = find(objects, "Job", "procview-uninstall");
  const [container] = job["spec"].template.spec.containers;
  assert.deepEqual(container.args, [
    "uninstall",
    "--namespace=procview-system",
    "--daemonset=procview-agent",
    "--webhook-configuration=procview",
    "--timeout=45s",
  ]);
  assert.deepEqual(rightsOf(find(objects, "Role", "procview-uninstall")), [
    "daemonsets/procview-agent: get",
    "pods: list,patch",
  ]);
  assert.deepEqual(rightsOf(find(objects, "ClusterRole", "procview-uninstall")), [
    "mutatingwebhookconfigurations/procview: delete",
  ]);
  const hooks = objects.filter(({ metadata }) => metadata.name === "procview-uninstall");
  const weights = Object.fromEntries(
    hooks.map(({ kind, metadata }) => [kind, Number(metadata.annotations?.["helm.sh/hook-weight"])]),
  );
  for (const { kind, metadata } of hooks) {
    assert.equal(metadata.annotations?.["helm.sh/hook"], "pre-delete", kind);
    assert.ok(kind === "Job" || (weights[kind] ?? 0) < (weights["Job"] ?? 0), `${kind} is there before the Job`);
  }
});

test("the Job may run wherever an agent may, and as nobody", { skip }, () => {
  const { spec } = find(watching(), "Job")["spec"].template;
  assert.deepEqual(spec.tolerations, [{ operator: "Exists" }]);
  assert.equal(spec.securityContext.runAsNonRoot, true);
  assert.deepEqual(spec.containers[0].securityContext.capabilities, { drop: ["ALL"] });
});

test("uninstall.cleanNodes: false, or agents that watch no pods: nothing runs at uninstall", { skip }, () => {
  for (const values of [{ "uninstall.cleanNodes": false }, { "agent.watchPods": false }]) {
    const hooks = watching(values).filter(({ metadata }) => metadata.name === "procview-uninstall");
    assert.deepEqual(hooks, [], JSON.stringify(values));
  }
});

test("without a webhook there is no configuration to delete", { skip }, () => {
  const objects = watching({ "webhook.enabled": false });
  assert.equal(has(objects, "ClusterRole", "procview-uninstall"), false);
  const [container] = find(objects, "Job")["spec"].template.spec.containers;
  assert.ok(!container.args.some((arg: string) => arg.startsWith("--webhook-configuration")));
});
