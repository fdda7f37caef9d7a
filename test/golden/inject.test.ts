// `procview inject` itself, run on manifests: what it prints for each of its modes. UPDATE_GOLDEN=1 writes what is wanted.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import jsonPatch from "fast-json-patch";
import { parseAllDocuments } from "yaml";
import { decideInjection } from "../../injection/decide-injection.ts";
import { DEFAULT_POLICY } from "../../injection/policy.ts";
import { mutatePod } from "../../webhook/mutate-pod.ts";
import { podTemplatesOf } from "../../webhook/pod-templates.ts";

const MANIFESTS = new URL("../fixtures/manifests", import.meta.url).pathname;
const PROCVIEW = new URL("../../cli/procview.js", import.meta.url).pathname;
const MODES = { "want.out": [], "want.diff": ["--diff"], "want.explanation": ["--explain"] };
const update = process.env["UPDATE_GOLDEN"] === "1";
assert.ok(!(update && process.env["CI"]), "goldens are not updated under CI");

for (const name of readdirSync(MANIFESTS)) {
  const input = readdirSync(join(MANIFESTS, name)).find((file) => file.startsWith("in.")) ?? "";
  for (const [file, flags] of Object.entries(MODES)) {
    test(`inject ${flags.join(" ")} ${name}`, () => {
      const { stdout, stderr, status } = inject(["-f", input, ...flags], join(MANIFESTS, name));
      assert.equal(status, 0, stderr);
      const path = join(MANIFESTS, name, file);
      if (update) writeFileSync(path, stdout);
      assert.ok(existsSync(path), `${path} is missing; UPDATE_GOLDEN=1 writes it`);
      assert.equal(stdout, readFileSync(path, "utf8"));
    });
  }

  test(`inject ${name} says what the webhook's patch makes`, () => {
    const text = readFileSync(join(MANIFESTS, name, input), "utf8");
    const objects = parseAllDocuments(text).map((document) => document.toJS() as object);
    for (const object of objects) {
      for (const { path, pod, namespace = "default" } of podTemplatesOf(structuredClone(object))) {
        const namespaceLabels = { "procview.io/inject": "enabled" };
        const decision = decideInjection({ pod, namespace, namespaceLabels, policy: DEFAULT_POLICY });
        const patch = mutatePod(pod, decision).map((operation) => ({ ...operation, path: path + operation.path }));
        jsonPatch.applyPatch(object, structuredClone(patch), true);
      }
    }
    const printed = inject(["-f", "-"], MANIFESTS, text).stdout;
    assert.deepEqual(
      parseAllDocuments(printed).map((document) => document.toJS()),
      objects,
    );
    assert.equal(inject(["-f", "-"], MANIFESTS, printed).stdout, printed, "a second pass adds nothing");
  });
}

test("inject says what is wrong with a manifest, and how to do better", () => {
  for (const [text, message] of [
    ["a: [", /stdin is no YAML: /],
    ["", /stdin is empty; give it a Kubernetes object|stdin holds no pod/],
    ["kind: Service", /stdin holds no pod and no workload with one; give it a Pod, a Deployment/],
  ] as const) {
    const { status, stderr } = inject(["-f", "-"], MANIFESTS, text);
    assert.equal(status, 113);
    assert.match(stderr, message);
  }
  const missing = inject(["-f", "no-such-file"], MANIFESTS);
  assert.equal(missing.status, 113);
  assert.match(missing.stderr, /no-such-file cannot be read: ENOENT/);
});

test("a namespace whose labels are given decides as it would in a cluster", () => {
  const flags = ["-f", "in.yaml", "--explain", "--namespace-label", "pod-security.kubernetes.io/enforce=baseline"];
  const folder = join(MANIFESTS, "kubectl-style");
  assert.match(inject(flags, folder).stdout, /notOptedIn/);
  assert.match(inject([...flags, "--namespace-label", "procview.io/inject=enabled"], folder).stdout, /podSecurity/);
});

function inject(flags: readonly string[], cwd: string, input = "") {
  return spawnSync(process.execPath, [PROCVIEW, "inject", ...flags], { cwd, input, encoding: "utf8" });
}
