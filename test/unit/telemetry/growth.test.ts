import assert from "node:assert/strict";
import { test } from "node:test";
import { Growth } from "../../../node-agent/telemetry/growth.ts";

test("counts go on where the process before ended", () => {
  const growth = new Growth();
  growth.update(10, [1, 2]);
  growth.update(10, [5, 2]);
  growth.update(11, [1, 0]);
  assert.deepEqual(growth.totals, [6, 2]);
});
