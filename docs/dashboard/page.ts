// dashboard.json and what a Prometheus answered -> one HTML page that needs nothing else. Pure.

import { legendOf, type ShownPanel } from "./queries.ts";

/** Seconds since 1970 and values, a row a query. */
export interface AnsweredQuery {
  legend: string;
  series: readonly { labels: Readonly<Record<string, string>>; points: readonly (readonly [number, number])[] }[];
}

export interface AnsweredPanel extends ShownPanel {
  answers: readonly AnsweredQuery[];
}

/** What page.js draws. */
interface DrawnPanel {
  title: string;
  type: string;
  unit: string;
  stacked: boolean;
  place: { x: number; y: number; w: number; h: number };
  times: readonly number[];
  series: readonly { name: string; values: readonly (number | null)[] }[];
}

export interface Assets {
  /** uPlot, and its style. */
  library: string;
  style: string;
  /** page.js and page.css. */
  script: string;
  ownStyle: string;
}

export function pageOf(panels: readonly AnsweredPanel[], subtitle: string, assets: Assets): string {
  const drawn = JSON.stringify(panels.map(drawnPanel)).replaceAll("<", "\\u003c");
  return [
    `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>procview</title>`,
    `<style>${assets.style}${assets.ownStyle}</style></head>`,
    `<body><header><h1>procview</h1><p>${subtitle}</p></header><main></main>`,
    `<script>${assets.library}</script><script>const panels = ${drawn};</script><script>${assets.script}</script>`,
    "</body></html>",
  ].join("\n");
}

function drawnPanel({ title, type, gridPos, fieldConfig, answers }: AnsweredPanel): DrawnPanel {
  const all = answers.flatMap(({ legend, series }) =>
    series.map(({ labels, points }) => ({ name: legendOf(legend, labels), points: new Map(points) })),
  );
  const times = [...new Set(all.flatMap(({ points }) => [...points.keys()]))].sort((a, b) => a - b);
  return {
    title,
    type,
    unit: fieldConfig?.defaults.unit ?? "",
    stacked: fieldConfig?.defaults.custom?.stacking.mode === "normal",
    place: gridPos,
    times,
    series: all.map(({ name, points }) => ({ name, values: times.map((time) => numberOf(points.get(time))) })),
  };
}

/** JSON has no NaN. */
function numberOf(value: number | undefined): number | null {
  return value === undefined || !Number.isFinite(value) ? null : value;
}
