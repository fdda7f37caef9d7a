// Writes the tables of docs/metrics.md from what agent and webhook answer to a scrape: `npm run docs`.

import { readFileSync, writeFileSync } from "node:fs";
import { createAgentMetrics } from "../node-agent/telemetry/agent-metrics.ts";
import { createAttachMetrics } from "../node-agent/telemetry/attach-metrics.ts";
import { createKubeMetrics } from "../node-agent/telemetry/kube-metrics.ts";
import { ServerMetrics } from "../node-agent/telemetry/server-metrics.ts";
import { createMetrics } from "../webhook/server/metrics.ts";
import { generate, table } from "./generate.ts";

const DOCUMENT = new URL("./metrics.md", import.meta.url);

export interface Metric {
  name: string;
  type: string;
  help: string;
  /** Its values, by label; "le" and "quantile" are no labels of ours. */
  labels: Readonly<Record<string, readonly string[]>>;
  /** Names of its samples: of a histogram, those of its buckets, sum and count. */
  samples: readonly string[];
}

export async function agentMetrics(): Promise<Metric[]> {
  const { registry } = createAgentMetrics();
  createAttachMetrics(registry);
  createKubeMetrics(registry);
  const server = new ServerMetrics(registry);
  return parseExposition((await registry.metrics()) + server.text());
}

export async function webhookMetrics(): Promise<Metric[]> {
  return parseExposition(await createMetrics().registry.metrics());
}

export async function allMetrics(): Promise<Metric[]> {
  return [...(await agentMetrics()), ...(await webhookMetrics())];
}

/** Prometheus' text format, in which every metric begins with HELP and TYPE. */
export function parseExposition(text: string): Metric[] {
  return text
    .split(/^(?=# HELP )/m)
    .filter((block) => block.startsWith("# HELP "))
    .map(parseBlock);
}

function parseBlock(block: string): Metric {
  const [, name = "", help = ""] = /^# HELP (\S+) (.*)$/m.exec(block) ?? [];
  const type = /^# TYPE \S+ (\S+)$/m.exec(block)?.[1] ?? "untyped";
  const lines = block.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  const labels = new Map<string, Set<string>>();
  for (const [, label = "", value = ""] of lines.flatMap((line) => [...line.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)])) {
    if (label !== "le" && label !== "quantile") labels.set(label, (labels.get(label) ?? new Set()).add(value));
  }
  return {
    name,
    type,
    help,
    labels: Object.fromEntries([...labels].map(([label, values]) => [label, [...values]])),
    samples: [...new Set([name, ...lines.map((line) => /^\w+/.exec(line)?.[0] ?? "")])],
  };
}

const MOST_VALUES = 9;

function labelsOf({ labels }: Metric): string {
  return Object.entries(labels)
    .map(([label, values]) => {
      if (label === "version" || label === "nodejs") return `\`${label}\``;
      const told = values.length > MOST_VALUES ? `one of ${values.length}` : values.join(", ");
      return `\`${label}\`: ${told}`;
    })
    .join("; ");
}

/** Of the process and of Node.js: prom-client's own. */
const isProcessFigure = ({ name }: Metric): boolean => /^procview_(agent|webhook)_(process|nodejs)_/.test(name);

function tableOf(metrics: readonly Metric[]): string {
  return table(
    ["metric", "type", "labels", "meaning"],
    metrics.map((metric) => [`\`${metric.name}\``, metric.type, labelsOf(metric), metric.help]),
  );
}

/** Those of the webhook differ by their prefix alone. */
function processTable(metrics: readonly Metric[]): string {
  return table(
    ["metric", "type", "meaning"],
    metrics.map(({ name, type, help }) => [`\`${name.replace("procview_agent_", "")}\``, type, help]),
  );
}

/** docs/metrics.md with its tables as they should be. */
export async function generateMetrics(document: string): Promise<string> {
  const [agent, webhook] = [await agentMetrics(), await webhookMetrics()];
  return generate(document, {
    "agent-metrics": () => tableOf(agent.filter((metric) => !isProcessFigure(metric))),
    "webhook-metrics": () => tableOf(webhook.filter((metric) => !isProcessFigure(metric))),
    "process-metrics": () => processTable(agent.filter(isProcessFigure)),
  });
}

if (import.meta.main) writeFileSync(DOCUMENT, await generateMetrics(readFileSync(DOCUMENT, "utf8")));
