import assert from "node:assert/strict";
import { test } from "node:test";
import { parseNote, printNote } from "../../../node-agent/agent/agent-note.ts";

test("a note reads back; one of another version counts for what is understood", () => {
  const note = { takeovers: 3, device: "0:45", server: { pid: 4242, startTicks: 99 } };
  assert.deepEqual(parseNote(printNote(note)), note);
  for (const text of ["", "null", "[]", '{"server":{"pid":1,"startTicks":5}}', '{"device":7}']) {
    assert.deepEqual(parseNote(text), { takeovers: 0 }, text);
  }
});
