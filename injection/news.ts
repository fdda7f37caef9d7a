// What somebody who asked for injection should be told, because they did not get it: the text of Events.

import type { Decision } from "./decide-injection.ts";
import { isNews, sentenceOf } from "./skip-reasons.ts";

export function newsOf(decision: Decision): string[] {
  if (decision.outcome === "skip") {
    return decision.asked && isNews(decision.reason) ? [`Not injected: ${sentenceOf(decision.reason)}`] : [];
  }
  const parts = new Map<string, string[]>();
  for (const { container, file, reason } of decision.skipped.filter((part) => isNews(part.reason))) {
    const what = [container, file].filter((name) => name !== undefined).join(" ");
    parts.set(reason, [...(parts.get(reason) ?? []), what]);
  }
  return [
    ...(decision.outcome === "attach" && isNews(decision.reason)
      ? [`Left to the agent: ${sentenceOf(decision.reason)}`]
      : []),
    ...[...parts].map(([reason, whats]) => `Skipped ${whats.join(", ")}: ${sentenceOf(reason)}`),
  ];
}
