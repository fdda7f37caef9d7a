import assert from "node:assert/strict";
import { test } from "node:test";
import { startSampling } from "../../../node-agent/sampler/sampling-loop.ts";

const NEVER_MILLIS = 2 ** 30;

test("a visit that fails is reported, and the others are made", () => {
  const visited: string[] = [];
  const failures: unknown[] = [];
  startSampling({
    subjects: () => ["a", "bad", "c"],
    visit: (subject) => {
      if (subject === "bad") throw new Error(subject);
      visited.push(subject);
    },
    failed: (error) => failures.push((error as Error).message),
    intervalMillis: NEVER_MILLIS,
    now: () => 0,
  });
  assert.deepEqual(visited.sort(), ["a", "c"]);
  assert.deepEqual(failures, ["bad"]);
});

test("subjects that cannot be told are reported", () => {
  const failures: unknown[] = [];
  startSampling({
    subjects: () => {
      throw new Error("none");
    },
    visit: () => assert.fail("nobody is there"),
    failed: (error) => failures.push((error as Error).message),
    intervalMillis: NEVER_MILLIS,
    now: () => 0,
  });
  assert.deepEqual(failures, ["none"]);
});
