// What `kubectl procview` prints. Pure.

import { ANNOTATIONS } from "../../contract/annotations.ts";
import type { InjectionStatus } from "../../contract/injection-status.ts";
import type { NodeReport, ReportedContainer } from "../../contract/node-report.ts";
import type { LiveDecision, LiveReason } from "../../injection/decide-live.ts";
import { annotationsOf, type Pod } from "../../injection/pod.ts";
import { sentenceOf } from "../../injection/skip-reasons.ts";
import type { FoundAgent } from "./agents.ts";

export interface NodeRow {
  agent: FoundAgent;
  /** Or why there is none. */
  report: NodeReport | string;
}

const BAD = new Set(["host", "other", "stale"]);

/** A line a node: its agent, and its containers by how they stand. */
export function formatNodes(rows: readonly NodeRow[]): string {
  return table([
    ["NODE", "AGENT", "READY", "CONTAINERS", "STATE"],
    ...rows.map(({ agent, report }) => {
      const { node, namespace, pod, ready, uninstall } = agent;
      const containers = typeof report === "string" ? [] : report.containers;
      const text = typeof report === "string" ? report : (report.notReady ?? statesOf(containers));
      return [
        node,
        `${namespace}/${pod}`,
        ready ? "yes" : "no",
        String(containers.length),
        uninstall === undefined ? text : `uninstall ${uninstall}`,
      ];
    }),
  ]);
}

/** "own 12, stale 1": a container counts by its worst file. */
function statesOf(containers: readonly ReportedContainer[]): string {
  const counts = new Map<string, number>();
  for (const { files, troubles } of containers) {
    const state = troubles[0] ?? Object.values(files).find((one) => BAD.has(one)) ?? "own";
    counts.set(state, (counts.get(state) ?? 0) + 1);
  }
  return [...counts].map(([state, count]) => `${state} ${count}`).join(", ") || "-";
}

/** What a pod has: what the webhook did, and how it stands with each file of each container. */
export function formatPod(name: string, pod: Pod, containers: readonly ReportedContainer[], why: string): string {
  const status = statusIn(pod);
  const lines = [
    `${name}: ${why}`,
    ...(status === undefined
      ? []
      : [
          `  webhook   ${status.mode}, procview ${status.version}; volumes: ${list(status.files)}; agent: ${list(status.attach)}`,
        ]),
    ...containers.map(({ name: whose, files, troubles }) => {
      const trouble = troubles.length === 0 ? "" : `; ${troubles.join(", ")}`;
      return `  ${whose?.container ?? "?"}   ${filesByState(files)}${trouble}`;
    }),
    ...(containers.length === 0 ? ["  no container of it has files of procview"] : []),
  ];
  return `${lines.join("\n")}\n`;
}

function filesByState(files: Readonly<Record<string, string>>): string {
  const states = new Map<string, string[]>();
  for (const [path, state] of Object.entries(files)) {
    const name = path.replace(/^proc\//, "").replace("sys/devices/system/", "");
    states.set(state, [...(states.get(state) ?? []), name]);
  }
  return [...states].map(([state, names]) => `${state}: ${names.join(" ")}`).join("; ");
}

const LIVE: Readonly<Record<LiveReason, string>> = {
  ownLabel: "a label of the pod itself asks for it; the agent attaches what its volumes do not bring",
  seenByWebhook: "the webhook has seen to it; the agent attaches what its volumes do not bring",
  attachRequested: `its namespace opts in, and ${ANNOTATIONS.mode.key} asks the agent to attach`,
  notSeen:
    "its namespace opts in, but the webhook has not seen the pod: it ran before, or the webhook did not answer; label the pod itself, or create it anew",
  skipped: "",
};

/** The decision about a pod in words, as the webhook and the agent make it. */
export function whyOf({ reason, decision }: LiveDecision): string {
  if (decision.outcome === "skip") return `not injected: ${sentenceOf(decision.reason)} (${decision.reason})`;
  if (reason === "notSeen") return `not injected: ${LIVE.notSeen}`;
  const how = decision.outcome === "attach" ? `attach: ${sentenceOf(decision.reason)}` : decision.outcome;
  return `${how}; ${LIVE[reason]}`;
}

/** The same with all that is left out. */
export function formatWhy(name: string, pod: Pod, live: LiveDecision): string {
  const { decision } = live;
  const skipped = decision.outcome === "skip" ? [] : decision.skipped;
  const status = annotationsOf(pod)[ANNOTATIONS.status.key];
  const lines = [
    `${name}: ${whyOf(live)}`,
    ...skipped.map(
      ({ container, file, reason }) =>
        `  skipped   ${[container, file].filter((part) => part !== undefined).join(" ")}: ${sentenceOf(reason)} (${reason})`,
    ),
    ...decision.warnings.map((warning) => `  warning   ${warning}`),
    `  ${ANNOTATIONS.status.key}   ${status ?? "absent: the webhook has not changed this pod"}`,
  ];
  return `${lines.join("\n")}\n`;
}

function statusIn(pod: Pod): InjectionStatus | undefined {
  try {
    return JSON.parse(annotationsOf(pod)[ANNOTATIONS.status.key] ?? "") as InjectionStatus;
  } catch {
    return undefined;
  }
}

function list(paths: readonly string[]): string {
  return paths.length === 0 ? "nothing" : paths.join(" ");
}

function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]): string => row.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join("  ");
  return `${rows.map((row) => line(row).trimEnd()).join("\n")}\n`;
}
