// A decision in words, for `procview inject --explain`.

import type { Decision } from "../../injection/decide-injection.ts";
import { sentenceOf } from "../../injection/skip-reasons.ts";
import type { InjectedPod } from "./manifest.ts";

const OUTCOMES: Readonly<Record<Decision["outcome"], string>> = {
  mount: "mounted by volumes",
  attach: "attached by the agent",
  skip: "skipped",
};

export function explainPod({ owner, decision, patch }: InjectedPod): string {
  const { outcome, warnings } = decision;
  const lines = [
    `${owner}: ${OUTCOMES[outcome]}${"reason" in decision ? `: ${sentenceOf(decision.reason)} (${decision.reason})` : ""}`,
    ...(outcome === "mount" ? [`  volumes  ${listOf(decision.files)}`] : []),
    ...(outcome === "skip" ? [] : [`  agent    ${listOf(decision.attach)}`, ...skippedLines(decision.skipped)]),
    ...warnings.map((warning) => `  warning  ${warning}`),
    ...(outcome === "mount" && patch.length === 0 ? ["  nothing to add: all of it is there already"] : []),
  ];
  return `${lines.join("\n")}\n`;
}

function skippedLines(skipped: readonly { container?: string; file?: string; reason: string }[]): string[] {
  return skipped.map(({ container, file, reason }) => {
    const what = [container === undefined ? [] : [`container ${container}`], file === undefined ? [] : [file]].flat();
    return `  skipped  ${what.join(", ")}: ${sentenceOf(reason)} (${reason})`;
  });
}

function listOf(paths: readonly string[]): string {
  return paths.length === 0 ? "nothing" : paths.join(" ");
}
