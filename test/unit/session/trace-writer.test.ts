import assert from "node:assert/strict";
import { test } from "node:test";
import { TraceWriter } from "../../../node-agent/session/trace-writer.ts";

test("a pipe that nobody empties costs lines, never the thread that answers readers", () => {
  const written: string[] = [];
  let full = false;
  const trace = new TraceWriter((text) => {
    if (full) throw Object.assign(new Error("EAGAIN"), { code: "EAGAIN" });
    written.push(text);
  });
  trace.line("one");
  full = true;
  trace.line("two");
  trace.line("three");
  full = false;
  trace.line("four");
  trace.line("five");
  assert.deepEqual(written, ["one\n", "(no room for 2 lines)\nfour\n", "five\n"]);
});
