// What a round did to the containers of a pod, in words for an Event. Pure.

import { ANNOTATIONS } from "../../contract/annotations.ts";
import { modeOfStatus } from "../../contract/injection-status.ts";
import type { LiveDecision } from "../../injection/decide-live.ts";
import type { EventText } from "../../injection/event-body.ts";
import { newsOf } from "../../injection/news.ts";
import { isFine, type Outcome } from "../attach/outcomes.ts";
import type { ContainerReport } from "../attach/round.ts";
import type { RunningPod } from "./running-pod.ts";

export interface NamedReport {
  /** Of the container, as its pod calls it. */
  name: string;
  report: ContainerReport;
}

/** Fine, but not what the pod asked for. */
const WITHHELD = new Set<Outcome>(["own-mount"]);

/** Normal events for what came and went, a warning for what could not be. */
export function newsOfRound(reports: readonly NamedReport[]): EventText[] {
  const changes = [
    { outcome: "attached", reason: "ProcviewAttached", words: "Attached" },
    { outcome: "detached", reason: "ProcviewDetached", words: "Detached" },
  ] as const;
  return [
    ...changes.flatMap(({ outcome, reason, words }) => {
      const what = listed(reports, (one) => one === outcome);
      return what === "" ? [] : [{ type: "Normal" as const, reason, message: `${words} ${what}` }];
    }),
    ...troubles(reports),
  ];
}

function troubles(reports: readonly NamedReport[]): EventText[] {
  const outcomes = new Set(
    reports
      .flatMap(({ report }) => [report.outcome, ...report.places.map(({ outcome }) => outcome)])
      .filter((outcome) => outcome !== undefined)
      .filter((outcome) => WITHHELD.has(outcome) || !isFine(outcome)),
  );
  const parts = [...outcomes].map((outcome) => {
    const whole = reports.filter(({ report }) => report.outcome === outcome).map(({ name }) => name);
    const files = listed(reports, (one) => one === outcome);
    return `${outcome}: ${[files, ...whole.map((name) => `container ${name}`)].filter(Boolean).join("; ")}`;
  });
  if (parts.length === 0) return [];
  return [{ type: "Warning", reason: "ProcviewNotAttached", message: `Could not attach: ${parts.join(". ")}` }];
}

/** "meminfo, stat (app, sidecar); cpu (other)": containers with the same files together. */
function listed(reports: readonly NamedReport[], counts: (outcome: Outcome | undefined) => boolean): string {
  const containers = new Map<string, string[]>();
  for (const { name, report } of reports) {
    const files = report.places.filter(({ outcome }) => counts(outcome)).map(({ path }) => shortName(path));
    if (files.length === 0) continue;
    const text = files.sort().join(", ");
    containers.set(text, [...(containers.get(text) ?? []), name]);
  }
  return [...containers].map(([files, names]) => `${files} (${names.join(", ")})`).join("; ");
}

function shortName(path: string): string {
  return path.replace(/^proc\//, "").replace("sys/devices/system/", "");
}

/** A label put on a pod that runs, which is left alone: nobody else says so. The webhook has told of pods that it has seen. */
export function newsOfDecision({ pod }: RunningPod, { decision }: LiveDecision): EventText[] {
  if (modeOfStatus(pod.metadata?.annotations?.[ANNOTATIONS.status.key]) !== undefined) return [];
  const message = newsOf(decision).join(". ");
  return message === "" ? [] : [{ type: "Warning", reason: "ProcviewSkipped", message }];
}
