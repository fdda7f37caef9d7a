// Who asks for injection: labels of the pod, then those of its namespace.

import type { OptInLabel } from "../contract/labels.ts";
import type { Labels } from "./pod.ts";

export interface OptIn {
  wanted: "yes" | "no" | "unsaid";
  /** Labels of ours whose values mean nothing. */
  warnings: readonly string[];
}

export function optInOf(podLabels: Labels, namespaceLabels: Labels, known: readonly OptInLabel[]): OptIn {
  const pod = sayOf("pod", podLabels, known);
  const namespace = sayOf("namespace", namespaceLabels, known);
  return {
    wanted: pod.wanted === "unsaid" ? namespace.wanted : pod.wanted,
    warnings: [...pod.warnings, ...namespace.warnings],
  };
}

function sayOf(whose: string, labels: Labels, known: readonly OptInLabel[]): OptIn {
  const warnings: string[] = [];
  for (const { key, enabled, disabled } of known) {
    const value = labels[key];
    if (value === enabled) return { wanted: "yes", warnings };
    if (value === disabled) return { wanted: "no", warnings };
    if (value !== undefined)
      warnings.push(`label ${key}=${value} of the ${whose} is neither ${enabled} nor ${disabled}`);
  }
  return { wanted: "unsaid", warnings };
}
