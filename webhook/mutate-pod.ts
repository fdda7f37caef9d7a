// Pod and decision -> JSON Patch. Names only what it adds: order, unknown fields and annotations of others stay.

import { ANNOTATIONS } from "../contract/annotations.ts";
import type { InjectionStatus } from "../contract/injection-status.ts";
import { version } from "../contract/version.ts";
import type { Decision } from "../injection/decide-injection.ts";
import { annotationsOf, type Pod } from "../injection/pod.ts";
import { append, type JsonPatch, pointer, setMembers } from "./json-patch.ts";

/** Nothing where all is there already. */
export function mutatePod(pod: Pod, decision: Decision): JsonPatch {
  return [...mounts(pod, decision), ...status(pod, decision)];
}

function mounts(pod: Pod, decision: Decision): JsonPatch {
  if (decision.outcome !== "mount") return [];
  return [
    ...append("/spec/volumes", pod.spec?.volumes, decision.volumes),
    ...decision.placements.flatMap(({ list, index, mounts }) =>
      append(pointer("spec", list, index, "volumeMounts"), pod.spec?.[list]?.[index]?.volumeMounts, mounts),
    ),
  ];
}

function status(pod: Pod, decision: Decision): JsonPatch {
  const value = statusOf(decision);
  if (value === undefined) return [];
  const { key } = ANNOTATIONS.status;
  const text = JSON.stringify(value);
  if (annotationsOf(pod)[key] === text) return [];
  if (pod.metadata == null) return [{ op: "add", path: "/metadata", value: { annotations: { [key]: text } } }];
  return setMembers("/metadata/annotations", pod.metadata.annotations, { [key]: text });
}

/** What the annotation says; nothing about pods of people who did not ask. */
export function statusOf(decision: Decision): InjectionStatus | undefined {
  if (decision.outcome === "skip") {
    if (!decision.asked) return undefined;
    return { version, mode: "skip", reason: decision.reason, files: [], attach: [], skipped: [] };
  }
  const { outcome, attach, cpuView, skipped } = decision;
  return {
    version,
    mode: outcome,
    ...(decision.outcome === "attach" && { reason: decision.reason }),
    files: decision.outcome === "mount" ? decision.files : [],
    attach,
    ...(cpuView && { cpuView }),
    skipped,
  };
}
