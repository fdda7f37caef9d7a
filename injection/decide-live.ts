// Running pod and namespace -> which files its containers should have, and who says so. Pure; the agent and
// `kubectl procview why` share it. A label put on a pod counts at once. One put on its namespace is for new pods: of those
// that run, it counts for pods that the webhook has seen, and for those that ask the agent to attach.

import { ANNOTATIONS } from "../contract/annotations.ts";
import type { CpuView } from "../contract/cpu-views.ts";
import { modeOfStatus } from "../contract/injection-status.ts";
import { type Decision, decideInjection, type Situation } from "./decide-injection.ts";
import { optInOf } from "./opt-in.ts";
import { mountedByVolumes, placeByAgent } from "./place-files.ts";
import { annotationsOf, containersOf, labelsOf, type Pod } from "./pod.ts";
import { requestsOf } from "./requests.ts";

/** Who has the agent look after a pod. */
export type LiveReason =
  /** A label of the pod itself. */
  | "ownLabel"
  /** The webhook has injected it, or has left it to the agent. */
  | "seenByWebhook"
  /** procview.io/mode: attach, in a namespace that opts in. */
  | "attachRequested"
  /** Its namespace opts in, but it ran before, or the webhook did not answer: a label of its own attaches it. */
  | "notSeen"
  /** The decision is to leave it alone. */
  | "skipped";

export interface LiveDecision {
  reason: LiveReason;
  /** As for a new pod. */
  decision: Decision;
  /** Paths of the tree by name of the container. Where the agent has nothing to add: what the pod's own volumes hold. */
  files: ReadonlyMap<string, readonly string[]>;
  /** Of a container that the kubelet has not told of yet, as far as all of the pod would have it so. */
  onlyAttach: readonly string[];
  cpuView?: CpuView;
}

export function decideLive(situation: Situation): LiveDecision {
  const { pod, policy } = situation;
  const decision = decideInjection(situation);
  const reason = reasonOf(situation, decision);
  if (reason === "notSeen" || reason === "skipped") {
    return { reason, decision, files: volumesOf(pod, policy.root), onlyAttach: [] };
  }
  const requests = requestsOf(pod, policy);
  const placed = placeByAgent(pod.spec ?? {}, requests, policy.root);
  return {
    reason,
    decision,
    files: new Map(placed.map(({ container, files }) => [container ?? "", files])),
    onlyAttach: placed.every(({ skipped }) => skipped.length === 0) ? requests.onlyAttach : [],
    ...(requests.cpuView && { cpuView: requests.cpuView }),
  };
}

/** Whether the agent attaches to it. */
export function isLookedAfter({ reason }: LiveDecision): boolean {
  return reason !== "notSeen" && reason !== "skipped";
}

function reasonOf({ pod, policy }: Situation, decision: Decision): LiveReason {
  if (decision.outcome === "skip") return "skipped";
  if (optInOf(labelsOf(pod), {}, policy.labels).wanted === "yes") return "ownLabel";
  const seen = modeOfStatus(annotationsOf(pod)[ANNOTATIONS.status.key]);
  if (seen === "mount" || seen === "attach") return "seenByWebhook";
  if (decision.outcome === "attach" && decision.reason === "attachRequested") return "attachRequested";
  return "notSeen";
}

function volumesOf(pod: Pod, root: string): Map<string, readonly string[]> {
  const spec = pod.spec ?? {};
  return new Map(
    containersOf(spec).map(({ container }) => [container.name ?? "", mountedByVolumes(spec, container, root)]),
  );
}
