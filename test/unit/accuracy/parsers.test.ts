// What each tool printed in a container, and what is read from it. Captured by hand: stress-ng at 50 % in
// `procview run --cpus 1` and `--cpus 2`, on the machine of docs/accuracy.md; node_exporter's without other metrics.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { parseHtop } from "../../../accuracy/tools/parse-htop.ts";
import { parseNodeExporter } from "../../../accuracy/tools/parse-node-exporter.ts";
import { parsePs } from "../../../accuracy/tools/parse-ps.ts";
import { parseSysstat } from "../../../accuracy/tools/parse-sysstat.ts";
import { parseTop } from "../../../accuracy/tools/parse-top.ts";
import { parseVmstat } from "../../../accuracy/tools/parse-vmstat.ts";

const captured = (name: string): string =>
  readFileSync(new URL(`../../fixtures/accuracy/${name}.txt`, import.meta.url), "utf8");
const near = (actual: number | undefined, expected: number) =>
  assert.ok(actual !== undefined && Math.abs(actual - expected) < 1e-6, `${actual}, not ${expected}`);

test("top: the last iteration's user, system and nice", () => near(parseTop(captured("top")), 37.9 + 0.9));

test("mpstat and sar: the averages of all CPUs", () => {
  near(parseSysstat(captured("mpstat")), 38.33);
  near(parseSysstat(captured("sar")), 38.33);
});

test("sysstat prints times of two words in other locales", () => {
  const american = captured("sar").replaceAll(/^(\d\d:\d\d:\d\d)/gm, "$1 PM");
  near(parseSysstat(american), 38.33);
});

test("vmstat: the second iteration", () => near(parseVmstat(captured("vmstat")), 38));

test("ps: the sum over processes as old as the container", () => near(parsePs(captured("ps")), 36.8));

test("ps: what is young does not count", () => near(parsePs(" 9 25.0\n 8 1.0\n 2 100\n 0 100\n"), 26));

test("htop: one bar named CPU, or the mean of numbered ones", () => {
  near(parseHtop(captured("htop-1-cpu")), 38.8);
  near(parseHtop(captured("htop-2-cpus")), (25.2 + 24.8) / 2);
  assert.equal(parseHtop("\n\n"), undefined);
});

test("node_exporter: busy seconds of all seconds between two scrapes", () =>
  near(parseNodeExporter(captured("node-exporter-before"), captured("node-exporter-after")), (1.27 / 3.15) * 100));

test("output without the expected lines is an error, never 0 %", () => {
  for (const parse of [parseTop, parseSysstat, parseVmstat, parsePs]) assert.throws(() => parse("no such thing\n"));
  assert.throws(() => parseVmstat(captured("vmstat").split("\n").slice(0, 3).join("\n")));
  assert.throws(() => parseNodeExporter(captured("node-exporter-after"), captured("node-exporter-after")));
});
