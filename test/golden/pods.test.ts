// Pod in, patch out: every folder of test/fixtures/pods is a case. `pod.yaml` and, where it matters, `situation.yaml`
// (namespace, its labels, what differs in the policy) give `want.patch.json` and `want.explanation`.
// UPDATE_GOLDEN=1 writes what is wanted: review it like code.

import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import jsonPatch from "fast-json-patch";
import { parse } from "yaml";
import { explainPod } from "../../cli/inject/explain-decision.ts";
import { decideInjection, type Situation } from "../../injection/decide-injection.ts";
import type { Pod } from "../../injection/pod.ts";
import { DEFAULT_POLICY, type Policy } from "../../injection/policy.ts";
import { mutatePod } from "../../webhook/mutate-pod.ts";

const CASES = new URL("../fixtures/pods", import.meta.url).pathname;

const update = process.env["UPDATE_GOLDEN"] === "1";
assert.ok(!(update && process.env["CI"]), "goldens are not updated under CI");

for (const name of readdirSync(CASES)) {
  test(`pod ${name}`, () => {
    const pod: Pod = parse(readFileSync(join(CASES, name, "pod.yaml"), "utf8"));
    const situation = situationOf(name, pod);
    const decision = decideInjection(situation);
    const patch = mutatePod(pod, decision);
    assertGolden(name, "want.patch.json", `${JSON.stringify(patch, undefined, 2)}\n`);
    assertGolden(name, "want.explanation", explainPod({ owner: "Pod/web", decision, patch }));

    const injected = jsonPatch.applyPatch(structuredClone(pod), structuredClone([...patch]), true).newDocument;
    assert.deepEqual(mutatePod(injected, decideInjection({ ...situation, pod: injected })), [], "a second pass");
  });
}

test("no case wants what nobody compares", () => {
  const known = ["pod.yaml", "situation.yaml", "want.explanation", "want.patch.json"];
  for (const name of readdirSync(CASES)) {
    assert.deepEqual(
      readdirSync(join(CASES, name)).filter((file) => !known.includes(file)),
      [],
      name,
    );
  }
});

interface SituationFile {
  namespace?: string;
  namespaceLabels?: Record<string, string>;
  policy?: Partial<Policy>;
}

function situationOf(name: string, pod: Pod): Situation {
  const path = join(CASES, name, "situation.yaml");
  const said: SituationFile = existsSync(path) ? parse(readFileSync(path, "utf8")) : {};
  const treatments = { ...DEFAULT_POLICY.treatments, ...said.policy?.treatments };
  return {
    pod,
    namespace: said.namespace ?? "shop",
    namespaceLabels: said.namespaceLabels ?? {},
    policy: { ...DEFAULT_POLICY, ...said.policy, treatments },
  };
}

function assertGolden(name: string, file: string, text: string): void {
  const path = join(CASES, name, file);
  if (update) writeFileSync(path, text);
  assert.ok(existsSync(path), `${path} is missing; UPDATE_GOLDEN=1 writes it`);
  assert.equal(text, readFileSync(path, "utf8"), path);
}
