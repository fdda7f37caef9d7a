// Queries of dashboard.json as a data source gets them: with Grafana's variables put in.

import type { GrafanaPanel } from "./grafana.ts";

export interface ShownPanel extends GrafanaPanel {
  description: string;
  datasource: object;
  targets: readonly { refId: string; expr: string; legendFormat: string; datasource: object }[];
  fieldConfig: { defaults: { unit: string; custom?: { stacking: { mode: string } } } };
}

export interface ConcreteQuery {
  title: string;
  expr: string;
  legend: string;
}

/** All agents, and rates over `interval`, which must span several scrapes. */
export function concreteQueries(panels: readonly ShownPanel[], interval = "1m"): ConcreteQuery[] {
  return panels.flatMap(({ title, targets }) =>
    targets.map(({ expr, legendFormat }) => ({
      title,
      expr: expr.replaceAll("$__rate_interval", interval).replaceAll("$instance", ".*"),
      legend: legendFormat,
    })),
  );
}

/** What a legend says of a series. */
export function legendOf(format: string, labels: Readonly<Record<string, string>>): string {
  if (format === "__auto") return Object.values(labels).join(" ");
  return format.replaceAll(/\{\{(\w+)\}\}/g, (_, label: string) => labels[label] ?? "");
}
