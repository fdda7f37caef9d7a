// A panel of the dashboard, and the queries that panels are made of.

export type Unit = "reqps" | "s" | "bytes" | "short" | "cores" | "dtdurations" | "none";

export interface Query {
  expr: string;
  /** Of each series, with its labels as {{label}}. */
  legend: string;
}

export interface Panel {
  title: string;
  /** What it tells, and what to worry about. */
  description: string;
  type: "timeseries" | "stat";
  unit: Unit;
  /** Of 24 columns. */
  width: number;
  stacked?: boolean;
  queries: readonly Query[];
}

export interface Row {
  title: string;
  panels: readonly Panel[];
}

/** $instance is chosen among agents. */
export const AGENT = 'instance=~"$instance"';
const RATE = "[$__rate_interval]";

export const one = (expr: string, legend = ""): readonly Query[] => [{ expr, legend }];
export const rate = (metric: string, selector = AGENT): string => `rate(${metric}{${selector}}${RATE})`;
export const increase = (metric: string, selector = AGENT): string => `increase(${metric}{${selector}}${RATE})`;
export const quantile = (share: number, metric: string, by: string, selector = ""): string =>
  `histogram_quantile(${share}, sum by (${by}) (${rate(metric, selector)}))`;

export const stat = (title: string, unit: Unit, queries: readonly Query[], description: string): Panel => ({
  title,
  description,
  type: "stat",
  unit,
  width: 4,
  queries,
});

export const graph = (title: string, unit: Unit, queries: readonly Query[], description: string): Panel => ({
  title,
  description,
  type: "timeseries",
  unit,
  width: 8,
  queries,
});

export const stacked = (...[title, unit, queries, description]: Parameters<typeof graph>): Panel => ({
  ...graph(title, unit, queries, description),
  stacked: true,
});
