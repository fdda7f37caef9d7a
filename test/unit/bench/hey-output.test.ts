import assert from "node:assert/strict";
import { test } from "node:test";
import { loadOf } from "../../../bench/report/hey-output.ts";

/** As hey 0.1.4 prints it, without its histogram. */
const SUMMARY = `
Summary:
  Total:	4.0021 secs
  Slowest:	0.0320 secs
  Fastest:	0.0004 secs
  Average:	0.0012 secs
  Requests/sec:	498.7376

Latency distribution:
  10% in 0.0006 secs
  50% in 0.0010 secs
  99% in 0.0046 secs

Status code distribution:
  [200]	1990 responses
  [503]	4 responses
`;

test("hey's summary: latencies in ms, rate, and all that failed", () => {
  const load = loadOf(`${SUMMARY}\nError distribution:\n  [2]	Post "https://127.0.0.1:1/": connection refused\n`);
  assert.deepEqual(load, {
    reviews: 1990,
    perSecond: 498.7376,
    failed: 6,
    p50Millis: 1,
    p99Millis: 4.6,
    maxMillis: 32,
  });
});

test("no answer at all is no measurement", () => {
  assert.throws(() => loadOf("Summary:\n  Slowest:	0.0000 secs\n"), /no request was answered/);
});
