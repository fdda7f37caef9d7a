// What hey prints at its end. https://github.com/rakyll/hey

import type { Load } from "./webhook-report.ts";

/** Throws where no request was answered; requests without an answer, and answers other than 200, are failed ones. */
export function loadOf(summary: string): Load {
  const errors = summary.split("Error distribution:")[1] ?? "";
  const counts = (text: string, pattern: RegExp): number =>
    [...text.matchAll(pattern)].reduce((sum, match) => sum + Number(match[1]), 0);
  const reviews = counts(summary, /\[200\]\s+(\d+) responses/g);
  if (reviews === 0) throw new Error(`hey: no request was answered\n${summary}`);
  return {
    reviews,
    perSecond: numberAfter(summary, "Requests/sec:"),
    failed: counts(summary, /\[(?!200)\d+\]\s+(\d+) responses/g) + counts(errors, /\[(\d+)\]/g),
    p50Millis: numberAfter(summary, "50% in") * 1000,
    p99Millis: numberAfter(summary, "99% in") * 1000,
    maxMillis: numberAfter(summary, "Slowest:") * 1000,
  };
}

function numberAfter(summary: string, label: string): number {
  const found = summary.split(label)[1];
  if (found === undefined) throw new Error(`hey printed no "${label}"\n${summary}`);
  return Number.parseFloat(found);
}
