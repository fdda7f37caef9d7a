import assert from "node:assert/strict";
import { test } from "node:test";
import { delayOfNext } from "../../../node-agent/session/restart-delay.ts";

test("one that has served is replaced at once, a loop backs off to five seconds", () => {
  assert.equal(delayOfNext(320, 1500), 0);
  const delays: number[] = [];
  for (let delay = 0; delays.length < 12; delays.push(delay)) delay = delayOfNext(delay, 200);
  assert.deepEqual(delays, [10, 20, 40, 80, 160, 320, 640, 1280, 2560, 5000, 5000, 5000]);
});
