import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type Loads, NO_LOAD, nextLoads } from "../../../node-agent/sampler/load.ts";
import { LoadTable, shareLoads } from "../../../node-agent/sampler/load-table.ts";

const close = (actual: number, wanted: number) =>
  assert.ok(Math.abs(actual - wanted) < 0.005, `${actual}, not ${wanted}`);

describe("nextLoads()", () => {
  test("four busy threads converge to 4", () => {
    let loads: Loads = NO_LOAD;
    for (let pass = 0; pass < 2000; pass += 1) loads = nextLoads(loads, 4, 5);
    for (const load of loads) close(load, 4);
  });
  test("decays as e^(-t/60) in real time, however the passes were spaced", () => {
    let loads: Loads = [4, 4, 4];
    for (const seconds of [5, 5, 31, 0.5, 18.5]) loads = nextLoads(loads, 0, seconds);
    close(loads[0], 4 * Math.exp(-1));
    close(loads[1], 4 * Math.exp(-60 / 300));
    close(loads[2], 4 * Math.exp(-60 / 900));
  });
});

test("LoadTable shows the latest pass to every reader, and nobody who is gone", () => {
  const shared = shareLoads();
  const writer = new LoadTable(shared);
  const reader = new LoadTable(shared);
  const sample = { loads: [1, 2, 3] as const, running: 4, blocked: 5, threads: 6, lastPid: 7 };
  // 4096 and 8192 fall on the same row.
  writer.publish(
    new Map([
      [4096, sample],
      [8192, { ...sample, lastPid: 9 }],
    ]),
  );
  assert.deepEqual(reader.sampleOf(4096), sample);
  assert.equal(reader.sampleOf(8192)?.lastPid, 9);
  assert.equal(reader.sampleOf(12_288), undefined);
  writer.publish(new Map([[8192, sample]]));
  assert.equal(reader.sampleOf(4096), undefined);
  assert.equal(reader.sampleOf(8192)?.lastPid, 7);
});
