import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { digits, micros, table, thousands, times } from "../../../bench/report/numbers.ts";
import { turns } from "../../../bench/report/schedule.ts";
import { median, medians } from "../../../bench/report/statistics.ts";

describe("median()", () => {
  test("is the value in the middle, whatever the order", () => assert.equal(median([30, 1, 2]), 2));
  test("is the mean of two in the middle", () => assert.equal(median([4, 1, 3, 2]), 2.5));
  test("of nothing is no number", () => assert.ok(Number.isNaN(median([]))));
});

describe("medians()", () => {
  test("takes each field by itself", () => {
    assert.deepEqual(
      medians([
        { a: 1, b: 30 },
        { a: 2, b: 10 },
        { a: 9, b: 20 },
      ]),
      { a: 2, b: 20 },
    );
  });
  test("keeps what no measurement has absent", () => {
    assert.deepEqual(
      medians<{ a: number; b: number | null }>([
        { a: 1, b: null },
        { a: 3, b: null },
      ]),
      { a: 2, b: null },
    );
  });
});

describe("turns()", () => {
  test("lets every side begin, and follow every other place in the row, over as many rounds as there are sides", () => {
    const sides = ["a", "b", "c"];
    assert.deepEqual(
      [0, 1, 2, 3].map((round) => turns(sides, round).join("")),
      ["abc", "bca", "cab", "abc"],
    );
  });
});

describe("figures", () => {
  test("have three significant digits", () => {
    const values = [0.01234, 0.1234, 1.234, 12.34, 123.4, 1234.4, 0, 9.999];
    assert.deepEqual(values.map(digits), ["0.0123", "0.123", "1.23", "12.3", "123", "1234", "0", "10.0"]);
  });
  test("say how many times faster, or nothing where there is nothing to compare with", () => {
    assert.equal(times(300, 10), "30.0x");
    assert.equal(times(undefined, 10), "-");
    assert.equal(micros(null), "-");
    assert.equal(thousands(1234567), "1,234,567");
  });
  test("stand at the right of their column", () => {
    assert.equal(table(["n", "v"], [["a", "1.5x"]]), "| n | v |\n| --- | ---: |\n| a | 1.5x |");
  });
});
