import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { barChart } from "../../../bench/report/bar-chart.ts";
import { document } from "../../../bench/report/document.ts";
import { readChart } from "../../../bench/report/read-chart.ts";
import { readTable } from "../../../bench/report/read-table.ts";
import { verdicts } from "../../../bench/report/targets.ts";
import { readResultsOf, readRowOf, scaleResultsOf } from "./sample-results.ts";

const MIB = 2 ** 20;

/** One file, read in microseconds by side; four readers take twice as long. */
function fileRows(file: string, microsBySide: Record<string, number>) {
  return Object.entries(microsBySide).flatMap(([side, micros]) => [
    readRowOf(file, side, micros * 1000),
    readRowOf(file, side, micros * 2000, 4),
  ]);
}

const FAST = { "host procfs": 10, procview: 5, "procview, freshness 0": 50, lxcfs: 300 };
const all = (file: string, changes: Record<string, number> = {}) => fileRows(file, { ...FAST, ...changes });
const verdict = (results: Parameters<typeof verdicts>[0], what: RegExp) => {
  const found = verdicts(results).find((each) => what.test(each.what));
  assert.ok(found !== undefined);
  return found;
};

describe("readTable()", () => {
  test("has a row a file and side, the ratios first", () => {
    const lines = readTable(readResultsOf(all("proc/meminfo"))).split("\n");
    assert.match(lines[0] ?? "", /^\| file \| side \| faster than lxcfs \| faster than host procfs \| p50, us \|/);
    assert.match(
      lines[3] ?? "",
      /^\| \/proc\/meminfo \| procview \| 60\.0x \| 2\.00x \| 5\.00 \| 10\.0 \| 200,000 \| 10\.0 \|/,
    );
    assert.equal(lines.length, 2 + 4);
  });
  test("compares with nobody where nobody else has the file", () => {
    assert.match(
      readTable(readResultsOf(fileRows("proc/vmstat", { procview: 5 }))),
      /\| procview \| - \| - \| 5\.00 \|/,
    );
  });
});

describe("verdicts()", () => {
  test("a target over all files is as good as its worst file", () => {
    const reads = readResultsOf([...all("proc/meminfo"), ...all("proc/uptime", { "host procfs": 4 })]);
    const { met, measured } = verdict({ reads }, /kernel's own/);
    assert.equal(met, false);
    assert.equal(measured, "1 of 2 files; 0.800x at worst (/proc/uptime), 2.00x at best");
    assert.equal(verdict({ reads }, /the same against lxcfs/).met, true);
    assert.equal(verdict({ reads }, /freshness 0, p99/).met, true);
  });
  test("files that the other side does not have do not count", () => {
    const reads = readResultsOf([...all("proc/meminfo"), ...fileRows("proc/vmstat", { procview: 5 })]);
    assert.match(verdict({ reads }, /the same against lxcfs/).measured, /^1 of 1 files/);
  });
  test("only 500 containers count at scale", () => {
    const scale = scaleResultsOf(
      { side: "procview", containers: 10, cpuPercent: 90, rssBytes: 900 * MIB },
      { side: "procview", containers: 500, cpuPercent: 6, rssBytes: 96 * MIB },
      { side: "lxcfs", containers: 500, cpuPercent: 60, rssBytes: 4 * MIB },
    );
    assert.equal(verdict({ scale }, /server CPU/).measured, "1/10.0 (6.00 % against 60.0 %)");
    assert.equal(verdict({ scale }, /server CPU/).met, true);
    assert.equal(verdict({ scale }, /of one core/).met, false);
    assert.equal(verdict({ scale }, /memory/).met, true);
    assert.equal(verdict({ scale }, /failed/).met, true);
  });
  test("what was not measured is neither met nor missed", () => {
    assert.ok(verdicts({}).every(({ met, measured }) => met === undefined && measured === "not measured"));
  });
});

describe("document()", () => {
  const reads = readResultsOf(all("proc/meminfo", { procview: 20 }));
  const text = document({ reads }, { json: "../a.json", chart: "../a.svg" });
  test("states a miss as missed, with what limits it", () => {
    assert.match(text, /\| 0 of 1 files;[^|]*\| missed \| open\(2\)/);
  });
  test("shows the chart, the figures and where they are from", () => {
    for (const part of [
      "](../a.svg)",
      "](../a.json)",
      "| /proc/meminfo | lxcfs |",
      "2 x Some CPU (x64)",
      "npm run bench",
    ]) {
      assert.ok(text.includes(part), part);
    }
  });
  test("names a side that was skipped, with the reason", () => {
    const sides = [...reads.sides, { name: "fuse-native", version: "", skipped: "it is not for arm64" }];
    const skipped = document({ reads: { ...reads, sides } }, { json: "", chart: "" });
    assert.ok(skipped.includes("| fuse-native | skipped: it is not for arm64 |"));
  });
});

describe("barChart()", () => {
  const bars = (svg: string) => [...svg.matchAll(/<rect x="[\d.]+" y="([\d.]+)" width="[\d.]+" height="([\d.]+)"/g)];
  test("a tenfold value is a decade higher", () => {
    const svg = barChart({
      title: "a < b",
      series: ["one", "two"],
      groups: [
        { name: "g", values: [10, 100] },
        { name: "h", values: [null, 1000] },
      ],
      write: String,
    });
    const heights = bars(svg)
      .filter(([whole]) => !whole.includes('width="12"'))
      .map((match) => Number(match[2]));
    assert.deepEqual(heights, [0, 160, 320]);
    assert.ok(svg.includes("a &lt; b"));
  });
  test("shows the files that programs read most", () => {
    const chart = readChart(readResultsOf([...all("proc/meminfo"), ...all("proc/vmstat")]));
    assert.ok(chart.includes("/proc/meminfo") && !chart.includes("/proc/vmstat"));
    assert.equal((chart.match(/<rect/g) ?? []).length, 1 + 4 + 4);
  });
});
