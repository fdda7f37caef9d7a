// Bytes -> review -> answer -> bytes. A fault of ours is an answer too: the pod is let through, and it is counted.

import type { Logger } from "pino";
import type { Labels } from "../../injection/pod.ts";
import type { Policy } from "../../injection/policy.ts";
import { type AdmissionReview, decodeReview, encodeReview } from "../admission-review.ts";
import { type Answer, reviewPod, unable } from "../review-pod.ts";
import type { Metrics } from "./metrics.ts";

export interface Namespaces {
  /** Undefined where nobody can say. At once for a namespace that is known. */
  labelsOf(name: string): Labels | undefined | Promise<Labels | undefined>;
}

export interface Audit {
  tell(review: AdmissionReview, news: readonly string[]): void;
}

export interface MutateContext {
  policy: Policy;
  namespaces: Namespaces;
  audit: Audit;
  metrics: Metrics;
  log: Logger;
}

/** Throws AdmissionError where the body is no review. */
export async function mutate(body: string, context: MutateContext): Promise<object> {
  const review = decodeReview(body);
  const answer = await answerTo(review, context);
  const { decision, reason, patch, warnings, news } = answer;
  context.metrics.reviews.inc({ decision, reason });
  const { uid, namespace, name, dryRun } = review.request;
  context.log.debug({ uid, namespace, name, dryRun, decision, reason, operations: patch.length }, "reviewed");
  if (news.length > 0 && dryRun !== true) context.audit.tell(review, news);
  return encodeReview(review, patch, warnings);
}

async function answerTo(review: AdmissionReview, { policy, namespaces, log }: MutateContext): Promise<Answer> {
  try {
    return reviewPod(review, await namespaces.labelsOf(String(review.request.namespace ?? "")), policy);
  } catch (error) {
    log.error({ err: error, uid: review.request.uid }, "a review failed; the pod is let through as it is");
    return unable("fault");
  }
}
