import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { CPU_COLUMNS, HEADER_COLUMNS, LedgerRecord } from "../../../node-agent/ledger/record.ts";
import { advanceCpuClock, readCpuClock } from "../../../node-agent/sampler/cpu-clock.ts";

const SECOND = 1_000_000;
const TICK = 10_000;
const micros = (userMicros: number, systemMicros = 0, niceMicros = 0) => ({ userMicros, niceMicros, systemMicros });
const newRecord = () => new LedgerRecord(new Float64Array(HEADER_COLUMNS + 8 * CPU_COLUMNS));
const totalOf = (record: LedgerRecord) => readCpuClock(record, []).total.slice(0, 4);
const ticksOf = (record: LedgerRecord, ...cpus: number[]) =>
  readCpuClock(record, cpus).cpus.map(({ ticks }) => ticks.slice(0, 4));

describe("a clock that is first asked late", () => {
  test("tells all that was used since the start, spread evenly, the rest idle", () => {
    const record = newRecord();
    advanceCpuClock(record, 1000, { cpus: [0, 1], capacity: 2 }, micros(3 * SECOND, 1 * SECOND));
    assert.deepEqual(totalOf(record), [300, 0, 100, 1600]);
    assert.deepEqual(ticksOf(record, 0, 1), [
      [150, 0, 50, 800],
      [150, 0, 50, 800],
    ]);
  });
  test("says half a CPU, saturated, is one CPU at 100 %", () => {
    const record = newRecord();
    advanceCpuClock(record, 1000, { cpus: [0], capacity: 0.5 }, micros(5 * SECOND));
    assert.deepEqual(totalOf(record), [1000, 0, 0, 0]);
  });
  test("never tells more work than time", () => {
    const record = newRecord();
    advanceCpuClock(record, 100, { cpus: [0], capacity: 1 }, micros(20 * SECOND, 20 * SECOND));
    assert.deepEqual(totalOf(record), [50, 0, 50, 0]);
  });
  test("tells nothing of no time", () => {
    const record = newRecord();
    advanceCpuClock(record, 0, { cpus: [0], capacity: 1 }, micros(SECOND));
    assert.deepEqual(totalOf(record), [0, 0, 0, 0]);
  });
});

describe("a burst within a quota period", () => {
  test("is told as time passes, and then exactly", () => {
    const record = newRecord();
    const half = { cpus: [0], capacity: 0.5 };
    // 50 ms of work in the first 50 ms of a period, then throttled: stretched to 100 ms.
    advanceCpuClock(record, 5, half, micros(5 * TICK));
    assert.deepEqual(totalOf(record), [5, 0, 0, 0]);
    advanceCpuClock(record, 10, half, micros(5 * TICK));
    assert.deepEqual(totalOf(record), [10, 0, 0, 0]);
  });
  test("is forgotten where more than a second of it is owed: the limits changed unseen", () => {
    const record = newRecord();
    const one = { cpus: [0], capacity: 1 };
    advanceCpuClock(record, 100, one, micros(0));
    advanceCpuClock(record, 200, one, micros(60 * SECOND));
    advanceCpuClock(record, 1200, one, micros(60 * SECOND));
    assert.deepEqual(totalOf(record), [200, 0, 0, 1000]);
  });
});

describe("changes", () => {
  test("of the CPUs: hidden ones stand still, the total keeps them", () => {
    const record = newRecord();
    advanceCpuClock(record, 100, { cpus: [0, 1], capacity: 2 }, micros(SECOND));
    advanceCpuClock(record, 200, { cpus: [0], capacity: 1 }, micros(2 * SECOND));
    assert.deepEqual(ticksOf(record, 0, 1), [
      [150, 0, 0, 50],
      [50, 0, 0, 50],
    ]);
    assert.deepEqual(totalOf(record), [200, 0, 0, 100]);
    advanceCpuClock(record, 300, { cpus: [0, 1], capacity: 2 }, micros(2 * SECOND));
    assert.deepEqual(ticksOf(record, 0, 1), [
      [150, 0, 0, 150],
      [50, 0, 0, 150],
    ]);
  });
  test("of the quota count from then on", () => {
    const record = newRecord();
    advanceCpuClock(record, 100, { cpus: [0], capacity: 0.5 }, micros(0.5 * SECOND));
    advanceCpuClock(record, 200, { cpus: [0], capacity: 1 }, micros(1 * SECOND));
    assert.deepEqual(totalOf(record), [150, 0, 0, 50]);
  });
  test("of the clock backwards change nothing", () => {
    const record = newRecord();
    advanceCpuClock(record, 100, { cpus: [0], capacity: 1 }, micros(SECOND));
    advanceCpuClock(record, 90, { cpus: [0], capacity: 1 }, micros(0));
    assert.deepEqual(totalOf(record), [100, 0, 0, 0]);
  });
});
