// What about a pod changes how it is served: THE table. Of all that apply, the most careful treatment wins.

import { ANNOTATIONS } from "../contract/annotations.ts";
import { LEVELS_WITHOUT_HOST_PATH, POD_SECURITY_LABEL } from "../contract/labels.ts";
import { annotationsOf, type Labels, type Pod } from "./pod.ts";
import type { Policy } from "./policy.ts";
import type { AttachReason, PodSkipReason } from "./skip-reasons.ts";

/** From the boldest to the most careful: volumes; volumes and a warning; the agent attaches; nothing. */
export const TREATMENTS = ["mount", "warn", "attach", "skip"] as const;

export type Treatment = (typeof TREATMENTS)[number];

export const CONFIGURABLE_TRAITS = ["hostPID", "hostUsers", "runtimeClass", "sharedProcessNamespace"] as const;

export type ConfigurableTrait = (typeof CONFIGURABLE_TRAITS)[number];

export interface Subject {
  pod: Pod;
  namespaceLabels: Labels;
  policy: Policy;
}

export type TraitReason = AttachReason | Extract<PodSkipReason, "windows">;

interface Trait {
  reason: TraitReason;
  applies: (subject: Subject) => boolean;
  treatment: Treatment | ((policy: Policy) => Treatment);
}

const TRAITS: readonly Trait[] = [
  { reason: "windows", applies: ({ pod }) => isWindows(pod), treatment: "skip" },
  configurable("runtimeClass", ({ pod, policy }) =>
    policy.runtimeClasses.some((pattern) => matches(pattern, pod.spec?.runtimeClassName)),
  ),
  configurable("hostUsers", ({ pod }) => pod.spec?.hostUsers === false),
  configurable("hostPID", ({ pod }) => pod.spec?.hostPID === true),
  configurable("sharedProcessNamespace", ({ pod }) => pod.spec?.shareProcessNamespace === true),
  {
    reason: "podSecurity",
    applies: ({ namespaceLabels, policy }) =>
      LEVELS_WITHOUT_HOST_PATH.includes(namespaceLabels[POD_SECURITY_LABEL] ?? policy.podSecurityDefault),
    treatment: "attach",
  },
  {
    reason: "attachRequested",
    applies: ({ pod }) => annotationsOf(pod)[ANNOTATIONS.mode.key] === "attach",
    treatment: "attach",
  },
];

export interface Treated {
  reason: TraitReason;
  treatment: Treatment;
}

/** All that applies to a pod, the most careful first. */
export function treatmentsOf(subject: Subject): Treated[] {
  return TRAITS.filter(({ applies }) => applies(subject))
    .map(({ reason, treatment }) => ({
      reason,
      treatment: typeof treatment === "string" ? treatment : treatment(subject.policy),
    }))
    .sort((a, b) => TREATMENTS.indexOf(b.treatment) - TREATMENTS.indexOf(a.treatment));
}

function configurable(reason: ConfigurableTrait, applies: Trait["applies"]): Trait {
  return { reason, applies, treatment: ({ treatments }) => treatments[reason] };
}

/** Older pods say it by their node selector alone. */
function isWindows({ spec }: Pod): boolean {
  const selector = spec?.nodeSelector ?? {};
  return [spec?.os?.name, selector["kubernetes.io/os"], selector["beta.kubernetes.io/os"]].includes("windows");
}

function matches(pattern: string, name: string | undefined): boolean {
  if (name === undefined) return false;
  return pattern.endsWith("*") ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
}
