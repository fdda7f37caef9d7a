// Pod and namespace -> mount, attach or skip, and why. Pure; the webhook and `procview inject` share it.

import { ANNOTATIONS, MIRROR_ANNOTATION } from "../contract/annotations.ts";
import type { CpuView } from "../contract/cpu-views.ts";
import type { SkippedPart } from "../contract/injection-status.ts";
import { optInOf } from "./opt-in.ts";
import { type Placements, placeByAgent, placeFiles } from "./place-files.ts";
import { annotationsOf, type Labels, labelsOf, type Pod } from "./pod.ts";
import type { Policy } from "./policy.ts";
import { type Requests, requestsOf } from "./requests.ts";
import { type AttachReason, type PodSkipReason, sentenceOf } from "./skip-reasons.ts";
import { type Treated, treatmentsOf } from "./traits.ts";

export interface Situation {
  pod: Pod;
  namespace: string;
  namespaceLabels: Labels;
  policy: Policy;
}

export type Decision =
  | {
      outcome: "skip";
      reason: PodSkipReason | Treated["reason"];
      /** Somebody asked for injection: it is told in the status annotation and in warnings. */
      asked: boolean;
      warnings: readonly string[];
    }
  | {
      outcome: "attach";
      reason: AttachReason;
      attach: readonly string[];
      cpuView?: CpuView;
      skipped: readonly SkippedPart[];
      warnings: readonly string[];
    }
  | ({
      outcome: "mount";
      attach: readonly string[];
      cpuView?: CpuView;
      warnings: readonly string[];
    } & Placements);

export function decideInjection(situation: Situation): Decision {
  const { pod, namespace, namespaceLabels, policy } = situation;
  const { wanted, warnings } = optInOf(labelsOf(pod), namespaceLabels, policy.labels);
  if (wanted === "unsaid") return { outcome: "skip", reason: "notOptedIn", asked: false, warnings };
  if (wanted === "no") return { outcome: "skip", reason: "optedOut", asked: false, warnings };
  if (MIRROR_ANNOTATION in annotationsOf(pod)) return { outcome: "skip", reason: "mirrorPod", asked: false, warnings };
  if (policy.excludedNamespaces.includes(namespace)) return skipAsked("excludedNamespace", warnings);
  const treated = treatmentsOf(situation);
  const first = treated[0];
  if (first?.treatment === "skip") return skipAsked(first.reason, warnings);
  const requests = requestsOf(pod, policy);
  if (requests.files.length + requests.onlyAttach.length === 0)
    return skipAsked("noFiles", [...warnings, ...requests.warnings]);
  const said = [...warnings, ...requests.warnings, ...warningsOf(treated)];
  if (first?.treatment === "attach") return attach(situation, requests, first.reason, said);
  return mount(situation, requests, said);
}

function skipAsked(reason: PodSkipReason | Treated["reason"], warnings: readonly string[]): Decision {
  return { outcome: "skip", reason, asked: true, warnings };
}

function attach({ pod, policy }: Situation, requests: Requests, reason: Treated["reason"], said: string[]): Decision {
  if (reason === "windows") return skipAsked(reason, said);
  const forbidden = reason === "podSecurity" && annotationsOf(pod)[ANNOTATIONS.mode.key] === "mount";
  return {
    outcome: "attach",
    reason,
    attach: [...requests.files, ...requests.onlyAttach].map((path) => `/${path}`),
    ...(requests.cpuView && { cpuView: requests.cpuView }),
    skipped: [
      ...requests.skipped,
      ...placeByAgent(pod.spec ?? {}, requests, policy.root).flatMap(({ skipped }) => skipped),
    ],
    warnings: forbidden ? [...said, `${ANNOTATIONS.mode.key}: mount: ${sentenceOf(reason)}`] : said,
  };
}

function mount({ pod, policy }: Situation, requests: Requests, warnings: readonly string[]): Decision {
  const placed = placeFiles(pod.spec ?? {}, requests, policy.root);
  return {
    outcome: "mount",
    ...placed,
    attach: requests.onlyAttach.map((path) => `/${path}`),
    ...(requests.cpuView && { cpuView: requests.cpuView }),
    skipped: [...requests.skipped, ...placed.skipped],
    warnings,
  };
}

function warningsOf(treated: readonly Treated[]): string[] {
  return treated.filter(({ treatment }) => treatment === "warn").map(({ reason }) => sentenceOf(reason));
}
