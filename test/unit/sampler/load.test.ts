import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type Loads, NO_LOAD, nextLoads } from "../../../node-agent/sampler/load.ts";

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
