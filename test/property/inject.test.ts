// Injection over generated pods: what comes out is a pod that an API server takes, with all that was in it.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import jsonPatch from "fast-json-patch";
import { ANNOTATIONS } from "../../contract/annotations.ts";
import { decideInjection, type Situation } from "../../injection/decide-injection.ts";
import { containersOf, type Pod, type PodSpec } from "../../injection/pod.ts";
import { mutatePod } from "../../webhook/mutate-pod.ts";
import { situation } from "../arbitrary-pod.ts";
import { faultsOf, withoutNulls } from "../kubernetes-schema.ts";

const RUNS = 1000;

test("an injected pod is valid in the oldest and in the newest version wherever the pod was", () => {
  let judged = 0;
  check((given) => {
    if (faultsOf(given.pod).length > 0) return;
    judged += 1;
    assert.deepEqual(faultsOf(inject(given)), []);
  });
  assert.ok(judged > RUNS / 3, `only ${judged} generated pods were valid`);
});

test("a second pass adds nothing", () => {
  check((given) => {
    const once = inject(given);
    assert.deepEqual(mutatePod(once, decideInjection({ ...given, pod: once })), []);
  });
});

test("what another webhook adds after us is injected at the next call, and nothing else changes", () => {
  check((given) => {
    const once = inject(given);
    const sidecar = { name: "added-later", image: "envoy" };
    const added = { ...once, spec: { ...once.spec, containers: [...(once.spec?.containers ?? []), sidecar] } };
    const twice = inject({ ...given, pod: added });
    const untouched = (pod: Pod) =>
      containersOf(pod.spec ?? {}).filter(({ container }) => container.name !== sidecar.name);
    assert.deepEqual(untouched(twice), untouched(once));
    const mounted = (pod: Pod) => containersOf(pod.spec ?? {}).at(-1)?.container.volumeMounts ?? [];
    const decision = decideInjection(given);
    if (decision.outcome === "mount" && decision.placements.length > 0) assert.ok(mounted(twice).length > 0);
  });
});

test("taking away what was added gives the pod back", () => {
  check((given) => {
    const before = structuredClone(given.pod);
    const patch = mutatePod(given.pod, decideInjection(given));
    assert.deepEqual(given.pod, before, "deciding changes nothing");
    const undone = undo(inject(given), patch);
    if (statusIsNew(given)) assert.deepEqual(withoutNulls(undone), withoutNulls(before));
  });
});

test("a user's own mount is still there, and alone at its path", () => {
  check((given) => {
    const after = containersOf((inject(given).spec ?? {}) as PodSpec);
    for (const [place, { container }] of containersOf(given.pod.spec ?? {}).entries()) {
      const own = container.volumeMounts ?? [];
      assert.deepEqual((after[place]?.container.volumeMounts ?? []).slice(0, own.length), own);
    }
  });
});

function check(holds: (given: Situation) => void): void {
  fc.assert(
    fc.property(situation, (given) => holds(JSON.parse(JSON.stringify(given)))),
    { numRuns: RUNS },
  );
}

function inject(given: Situation): Pod {
  const patch = mutatePod(given.pod, decideInjection(given));
  return jsonPatch.applyPatch(structuredClone(given.pod), structuredClone([...patch]), true).newDocument;
}

/** The pod without what the patch added, the last first. */
function undo(pod: Pod, patch: ReturnType<typeof mutatePod>): Pod {
  for (const { path } of [...patch].reverse()) {
    if (path.endsWith("/-")) (jsonPatch.getValueByPointer(pod, path.slice(0, -2)) as unknown[]).pop();
    else jsonPatch.applyOperation(pod, { op: "remove", path }, true);
  }
  return pod;
}

function statusIsNew({ pod }: Situation): boolean {
  return pod.metadata?.annotations?.[ANNOTATIONS.status.key] === undefined;
}
