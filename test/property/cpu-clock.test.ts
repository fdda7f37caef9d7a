// The CPU clock under any sequence of readings and changes: what holds for the kernel's own counters holds for it.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { CPU_COLUMNS, HEADER_COLUMNS, LedgerRecord } from "../../node-agent/ledger/record.ts";
import { advanceCpuClock, readCpuClock } from "../../node-agent/sampler/cpu-clock.ts";

const CPUS = 6;
const ALL = Array.from({ length: CPUS }, (_, cpu) => cpu);
const TICK_MICROS = 10_000;
const newRecord = () => new LedgerRecord(new Float64Array(HEADER_COLUMNS + CPUS * CPU_COLUMNS));

const share = fc
  .tuple(fc.subarray(ALL, { minLength: 1 }), fc.double({ min: 0.01, max: 1, noNaN: true }))
  .map(([cpus, part]) => ({ cpus, capacity: cpus.length * part }));
const micros = fc.double({ min: -1000, max: 1e7, noNaN: true });
const step = fc.record({
  passed: fc.integer({ min: -5, max: 5000 }),
  user: micros,
  nice: micros,
  system: micros,
  share,
});

/** Found by chance: what is owed in the end is less than nothing, by rounding. */
const OWED_LESS_THAN_NOTHING = [
  { passed: 0, user: 5.627868984201723e-12, nice: 0, system: 0, share: { cpus: [2], capacity: 0.01 } },
  {
    passed: 1,
    user: 0,
    nice: 0,
    system: 99506.5182036752,
    share: { cpus: [1, 2, 3, 4, 5], capacity: 0.05000000000000001 },
  },
  { passed: 250, user: 0, nice: 0, system: 0, share: { cpus: [2, 3], capacity: 0.02 } },
  { passed: 1, user: 0, nice: 0, system: 0, share: { cpus: [3, 5], capacity: 0.02 } },
];

const snapshot = (record: LedgerRecord) => readCpuClock(record, ALL);

test("no counter ever goes back, no CPU does more than time allows, the total is the sum of the CPUs", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const record = newRecord();
      let elapsed = 0;
      const time = { userMicros: 0, niceMicros: 0, systemMicros: 0 };
      let before = snapshot(record);
      for (const { passed, user, nice, system, share: now } of steps) {
        elapsed = Math.max(0, elapsed + passed);
        time.userMicros += user;
        time.niceMicros += nice;
        time.systemMicros += system;
        advanceCpuClock(record, elapsed, now, time);
        const after = snapshot(record);
        for (const [place, { ticks }] of after.cpus.entries()) {
          const earlier = before.cpus[place]!.ticks;
          for (const [column, count] of ticks.entries()) {
            assert.ok(
              Number.isSafeInteger(count) && count >= earlier[column]!,
              `column ${column}: ${earlier[column]} then ${count}`,
            );
          }
          assert.ok(ticks.reduce((sum, count) => sum + count, 0) <= record.elapsedTicks);
        }
        for (const [column, count] of after.total.entries()) {
          assert.equal(
            count,
            after.cpus.reduce((sum, { ticks }) => sum + ticks[column]!, 0),
          );
        }
        before = after;
      }
    }),
    { numRuns: 1000, examples: [[OWED_LESS_THAN_NOTHING]] },
  );
});

test("how often it is read does not change what it tells", () => {
  const load = fc.record({
    share,
    percent: fc.integer({ min: 0, max: 100 }),
    seconds: fc.integer({ min: 2, max: 60 }),
  });
  const reads = fc.array(fc.integer({ min: 1, max: 6000 }), { maxLength: 60 });
  fc.assert(
    fc.property(load, reads, ({ share: cpus, percent, seconds }, moments) => {
      // Work at an even pace below the quota.
      const usedAt = (tick: number) => ({
        userMicros: tick * TICK_MICROS * cpus.capacity * (percent / 100),
        niceMicros: 0,
        systemMicros: 0,
      });
      const end = seconds * 100;
      const once = newRecord();
      advanceCpuClock(once, end, cpus, usedAt(end));
      const often = newRecord();
      for (const moment of moments.filter((tick) => tick < end).sort((a, b) => a - b))
        advanceCpuClock(often, moment, cpus, usedAt(moment));
      advanceCpuClock(often, end, cpus, usedAt(end));
      for (const [column, count] of snapshot(once).total.entries()) {
        assert.ok(
          Math.abs(count - snapshot(often).total[column]!) <= 1,
          `column ${column}: ${count}, read often ${snapshot(often).total[column]}`,
        );
      }
    }),
    { numRuns: 1000 },
  );
});

test("bursts within a period are told in full by its end", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 9 }),
      fc.integer({ min: 10, max: 90 }),
      (moments, percent) => {
        const cpus = { cpus: [0], capacity: percent / 100 };
        const record = newRecord();
        const period = 10;
        for (let start = 0; start < 50 * period; start += period) {
          // The whole quota at the beginning of each period, whenever it is read.
          const usedAt = (tick: number) => ({
            userMicros:
              start * TICK_MICROS * cpus.capacity + Math.min(tick - start, period * cpus.capacity) * TICK_MICROS,
            niceMicros: 0,
            systemMicros: 0,
          });
          for (const moment of [...new Set(moments)].sort((a, b) => a - b))
            advanceCpuClock(record, start + moment, cpus, usedAt(start + moment));
          advanceCpuClock(record, start + period, cpus, usedAt(start + period));
        }
        const [user = 0, , , idle = 0] = snapshot(record).total;
        assert.ok(user >= 50 * period - 1, `${user} user and ${idle} idle ticks of a saturated container`);
      },
    ),
  );
});
