import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { TextWriter } from "../../../node-agent/procfs/text-writer.ts";

test("numbers are written as String() and padStart() have them", () => {
  const numbers = fc.oneof(fc.maxSafeNat(), fc.nat(20), fc.integer(), fc.double({ noNaN: true }));
  const writer = new TextWriter();
  fc.assert(
    fc.property(numbers, fc.nat(24), (value, width) => {
      assert.equal(writer.number(value, width).end().toString(), String(value).padStart(width));
    }),
  );
  for (const value of [0, 9, 10, 99, 100, 2 ** 31, 2 ** 32, Number.MAX_SAFE_INTEGER]) {
    assert.equal(writer.number(value).end().toString(), String(value));
  }
});

test("what was written since the last end, however long, and never the same memory twice", () => {
  const writer = new TextWriter();
  const long = "0123456789".repeat(3000);
  const first = writer.text("cpu").number(3).row([1, 20, 0]).text("\n").end();
  const second = writer.text(long).text("\xe9").end();
  assert.equal(first.toString(), "cpu3 1 20 0\n");
  assert.equal(second.toString("latin1"), `${long}\xe9`);
  assert.equal(writer.end().length, 0);
});
