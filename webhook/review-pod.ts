// A review and the labels of its namespace -> an answer. Pure. Whatever it holds, the pod is let through.

import { type Decision, decideInjection } from "../injection/decide-injection.ts";
import { newsOf } from "../injection/news.ts";
import type { Labels } from "../injection/pod.ts";
import type { Policy } from "../injection/policy.ts";
import { type PodSkipReason, sentenceOf, type UnableReason } from "../injection/skip-reasons.ts";
import type { AdmissionRequest, AdmissionReview } from "./admission-review.ts";
import { SUPPORTED_VERSION } from "./admission-review.ts";
import type { JsonPatch } from "./json-patch.ts";
import { mutatePod } from "./mutate-pod.ts";
import { isPod } from "./pod-templates.ts";

export interface Answer {
  /** For the counter. */
  decision: Decision["outcome"] | "unable";
  reason: string;
  patch: JsonPatch;
  warnings: readonly string[];
  /** What people who asked for injection should know; for Events. */
  news: readonly string[];
}

/** `namespaceLabels` is undefined where nobody knows them. */
export function reviewPod(review: AdmissionReview, namespaceLabels: Labels | undefined, policy: Policy): Answer {
  const { apiVersion, request } = review;
  if (apiVersion !== SUPPORTED_VERSION) return unable("unsupportedVersion");
  const unasked = outOfScope(request);
  if (unasked !== undefined) return { decision: "skip", reason: unasked, patch: [], warnings: [], news: [] };
  const pod = request.object;
  if (!isPod(pod)) return unable("malformedObject");
  if (namespaceLabels === undefined) return unable("unknownNamespace");
  const namespace = request.namespace ?? pod.metadata?.namespace ?? "";
  return answerOf(decideInjection({ pod, namespace, namespaceLabels, policy }), (decision) => mutatePod(pod, decision));
}

/** An answer where there is no decision. */
export function unable(reason: UnableReason): Answer {
  return { decision: "unable", reason, patch: [], warnings: [`not injected: ${sentenceOf(reason)}`], news: [] };
}

/** What a review can be about that is no new pod, whatever the configuration of the webhook says. */
function outOfScope({ kind, resource, subResource, operation }: AdmissionRequest): PodSkipReason | undefined {
  if (kind?.kind !== "Pod" || (resource !== undefined && resource.resource !== "pods")) return "notAPod";
  if (subResource === "ephemeralcontainers") return "ephemeralContainers";
  return operation === "CREATE" && !subResource ? undefined : "notCreated";
}

function answerOf(decision: Decision, patchOf: (decision: Decision) => JsonPatch): Answer {
  const patch = patchOf(decision);
  const answer = { patch, news: newsOf(decision) };
  if (decision.outcome === "mount") {
    const reason = patch.length === 0 ? "alreadyInjected" : "injected";
    return { ...answer, decision: patch.length === 0 ? "skip" : "mount", reason, warnings: decision.warnings };
  }
  const { outcome, reason, warnings } = decision;
  const told = outcome === "skip" && decision.asked ? [`not injected: ${sentenceOf(reason)}`] : [];
  return { ...answer, decision: outcome, reason, warnings: [...told, ...warnings] };
}
