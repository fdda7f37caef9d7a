// Results on disk: DATE.json holds both commands' parts, DATE.svg the chart; docs/performance.md shows the newest.

import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { document } from "./report/document.ts";
import { readChart } from "./report/read-chart.ts";
import type { Results } from "./report/results.ts";

const DOCUMENT = new URL("../docs/performance.md", import.meta.url).pathname;

/** Adds a part to the day's results, beside the other command's part. */
export function writeResults(folder: string, part: Results, date = new Date()): void {
  mkdirSync(folder, { recursive: true });
  const day = date.toISOString().slice(0, 10);
  const json = join(folder, `${day}.json`);
  writeFileSync(json, `${JSON.stringify({ ...readIfAny(json), ...part }, undefined, 2)}\n`);
  if (part.reads !== undefined) writeFileSync(join(folder, `${day}.svg`), readChart(part.reads));
  console.error(`written: ${json}`);
}

/** Writes the page from the newest results that have each part. */
export function writeDocument(folder: string): void {
  const days = readdirSync(folder)
    .filter((name) => name.endsWith(".json"))
    .sort()
    .map((name) => ({ day: name.slice(0, -".json".length), results: readIfAny(join(folder, name)) ?? {} }));
  const reads = days.findLast(({ results }) => results.reads !== undefined);
  const scale = days.findLast(({ results }) => results.scale !== undefined);
  const results = { ...scale?.results, ...reads?.results, ...(scale && { scale: scale.results.scale }) } as Results;
  const link = (name: string): string => relative(join(DOCUMENT, ".."), join(folder, name));
  const newest = reads ?? scale;
  if (newest === undefined) throw new Error(`No results in ${folder}`);
  writeFileSync(DOCUMENT, document(results, { json: link(`${newest.day}.json`), chart: link(`${newest.day}.svg`) }));
  console.error(`written: ${DOCUMENT}`);
}

function readIfAny(path: string): Results | undefined {
  return existsSync(path) ? JSON.parse(readFileSync(path, "utf8")) : undefined;
}
