// The dashboard in Grafana's JSON model: https://grafana.com/docs/grafana/latest/dashboards/build-dashboards/view-dashboard-json-model/

import type { Panel, Query, Row } from "./panel.ts";

const COLUMNS = 24;
const HEIGHTS: Readonly<Record<Panel["type"], number>> = { stat: 4, timeseries: 8 };
const DATASOURCE = { type: "prometheus", uid: "$" + "{datasource}" } as const;

/** Grafana knows no unit for CPUs. */
const UNITS: Readonly<Record<string, string>> = { cores: "none" };

interface Place {
  x: number;
  y: number;
  w: number;
  h: number;
}

export interface GrafanaPanel {
  id: number;
  type: "row" | Panel["type"];
  title: string;
  gridPos: Place;
  [more: string]: unknown;
}

export interface GrafanaDashboard {
  uid: string;
  title: string;
  panels: readonly GrafanaPanel[];
  [more: string]: unknown;
}

export function grafanaDashboard(rows: readonly Row[]): GrafanaDashboard {
  return {
    uid: "procview",
    title: "procview",
    description: "Reads of /proc in containers, the agents that answer them, and the webhook.",
    tags: ["procview", "kubernetes"],
    editable: true,
    graphTooltip: 1,
    schemaVersion: 39,
    time: { from: "now-3h", to: "now" },
    refresh: "30s",
    timezone: "",
    templating: { list: variables },
    panels: layOut(rows),
  };
}

const variables = [
  { name: "datasource", label: "Data source", type: "datasource", query: "prometheus", refresh: 1 },
  {
    name: "instance",
    label: "Agent",
    type: "query",
    datasource: DATASOURCE,
    query: { query: "label_values(procview_serving, instance)", refId: "instance" },
    definition: "label_values(procview_serving, instance)",
    refresh: 2,
    sort: 1,
    multi: true,
    includeAll: true,
    allValue: ".*",
    current: { text: "All", value: "$__all" },
  },
];

function layOut(rows: readonly Row[]): GrafanaPanel[] {
  const panels: GrafanaPanel[] = [];
  let y = 0;
  for (const { title, panels: shown } of rows) {
    panels.push({
      id: panels.length + 1,
      type: "row",
      title,
      gridPos: { x: 0, y, w: COLUMNS, h: 1 },
      collapsed: false,
    });
    y += 1;
    let x = 0;
    for (const panel of shown) {
      const height = HEIGHTS[panel.type];
      if (x + panel.width > COLUMNS) {
        x = 0;
        y += height;
      }
      panels.push(panelOf(panel, panels.length + 1, { x, y, w: panel.width, h: height }));
      x += panel.width;
    }
    y += HEIGHTS[shown.at(-1)?.type ?? "timeseries"];
  }
  return panels;
}

function panelOf(panel: Panel, id: number, gridPos: Place): GrafanaPanel {
  const { title, description, type, unit, queries } = panel;
  return {
    id,
    type,
    title,
    description,
    gridPos,
    datasource: DATASOURCE,
    targets: queries.map((query, index) => target(query, index, type === "stat")),
    fieldConfig: {
      defaults: { unit: UNITS[unit] ?? unit, ...(type === "timeseries" && graphStyle(panel)) },
      overrides: [],
    },
    options: type === "stat" ? STAT_OPTIONS : GRAPH_OPTIONS,
  };
}

const STAT_OPTIONS = { colorMode: "none", graphMode: "none", reduceOptions: { calcs: ["lastNotNull"] } } as const;
const GRAPH_OPTIONS = {
  legend: { displayMode: "list", placement: "bottom", showLegend: true },
  tooltip: { mode: "multi", sort: "desc" },
} as const;

function graphStyle({ stacked = false }: Panel): object {
  return {
    min: 0,
    custom: {
      drawStyle: "line",
      lineWidth: 1,
      fillOpacity: stacked ? 30 : 5,
      showPoints: "never",
      stacking: { mode: stacked ? "normal" : "none", group: "A" },
    },
  };
}

function target({ expr, legend }: Query, index: number, instant: boolean): object {
  return {
    refId: String.fromCharCode("A".charCodeAt(0) + index),
    datasource: DATASOURCE,
    expr,
    legendFormat: legend === "" ? "__auto" : legend,
    range: !instant,
    instant,
  };
}
