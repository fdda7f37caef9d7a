// Which loads are made, what the truth about them is, how far a tool is from it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { casesOn, nameOf, shareOf, stressCommand } from "../../../accuracy/cases.ts";
import type { Row } from "../../../accuracy/measure-case.ts";
import { parseOptions } from "../../../accuracy/options.ts";
import { isWithin, rowsTable, summary } from "../../../accuracy/report.ts";
import { truthPercent, usageAt } from "../../../accuracy/usage-window.ts";

test("a container is shown whole CPUs and may use its quota, as far as its cpuset goes", () => {
  assert.deepEqual(shareOf({ cpus: 0.5 }, 2), { visible: 1, capacity: 0.5 });
  assert.deepEqual(shareOf({ cpus: 1.5 }, 2), { visible: 2, capacity: 1.5 });
  assert.deepEqual(shareOf({ cpus: 2, cpuset: [0] }, 2), { visible: 1, capacity: 1 });
});

test("stress-ng gets as many workers as the load needs", () => {
  const flags = (capacity: number, loadPercent: number) => {
    const command = stressCommand(capacity, loadPercent, 60);
    return [command[command.indexOf("--cpu") + 1], command[command.indexOf("--cpu-load") + 1]];
  };
  assert.deepEqual(flags(1, 25), ["1", "25"]);
  assert.deepEqual(flags(1, 150), ["2", "75"]);
  assert.deepEqual(flags(2, 150), ["3", "100"]);
  assert.deepEqual(flags(0.5, 200), ["1", "100"]);
});

test("cases that a machine lacks the CPUs for are left out", () => {
  const names = new Set(casesOn([0]).map(({ limits }) => nameOf(limits)));
  assert.deepEqual([...names], ["1 CPU", "1 CPU on cpuset 0", "0.5 CPUs"]);
  assert.equal(casesOn([0, 1]).length, 24);
});

test("usage between samples lies on the line between them", () => {
  const samples = [
    { millis: 0, micros: 0 },
    { millis: 1000, micros: 500_000 },
    { millis: 2000, micros: 500_000 },
  ];
  assert.equal(usageAt(samples, 500), 250_000);
  assert.equal(usageAt(samples, 2000), 500_000);
  assert.throws(() => usageAt(samples, 2001), RangeError);
  assert.throws(() => usageAt(samples, -1), RangeError);
  assert.equal(truthPercent(samples, { fromMillis: 0, toMillis: 1000 }, 0.5), 100);
  assert.equal(truthPercent(samples, { fromMillis: 500, toMillis: 1500 }, 1), 25);
});

test("a tool that failed, or is more than 3 points off, is a miss", () => {
  const row = (result: Row["result"]): Row => ({
    side: "procview",
    tool: "top",
    container: "1 CPU",
    loadPercent: 25,
    result,
  });
  const rows = [
    row({ truthPercent: 25, shownPercent: 27.9 }),
    row({ truthPercent: 25, shownPercent: 21.9 }),
    row({ problem: "a | b" }),
  ];
  assert.deepEqual(rows.map(isWithin), [true, false, false]);
  assert.equal(summary(rows, "procview"), "procview: 1 of 3 rows within 3 points, worst error -3.1, 1 failed");
  assert.match(rowsTable(rows), /\| procview \| top \| 1 CPU \| 25 \| 25\.0 \| 27\.9 \| \+2\.9 \|/);
  assert.match(rowsTable(rows), /\| a {3}b \|$/);
});

test("options that make no sense are refused", () => {
  assert.deepEqual(parseOptions([], ["top"]), { seconds: 10, write: false });
  assert.deepEqual(parseOptions(["--only", "top", "--seconds", "3"], ["top"]), {
    seconds: 3,
    write: false,
    only: "top",
  });
  assert.throws(() => parseOptions(["--only", "iotop"], ["top"]), /no such tool; there are top/);
  assert.throws(() => parseOptions(["--seconds", "11"], ["top"]), /from 2 to 10/);
  assert.throws(() => parseOptions(["--what"], ["top"]));
});
