import assert from "node:assert/strict";
import { closeSync, openSync } from "node:fs";
import { beforeEach, describe, test } from "node:test";
import { Slots, shareHeaders } from "../../../node-agent/vfs/slots.ts";
import { stateFileOfEach } from "./state-file.ts";

const NODE = { high: 0, low: 0x02d00023 };
const state = stateFileOfEach();
let headers: SharedArrayBuffer;

beforeEach(() => {
  headers = shareHeaders();
});

function contentOf(slots: Slots, slot: number): string {
  const target = Buffer.alloc(64 * 1024);
  return target.toString("latin1", 0, slots.read(slot, 0, target.length, target));
}

describe("a slot", () => {
  test("holds what was stored last, whichever thread has stored it", () => {
    const threads = [new Slots(headers, state.fd), new Slots(headers, state.fd)] as const;
    const slot = threads[0].claim(threads[0].setOf(NODE), NODE);
    for (const [turn, content] of ["one\n", "two\n", "3".repeat(5000), "four\n", "4".repeat(5000)].entries()) {
      (turn % 2 === 0 ? threads[0] : threads[1]).store(slot, Buffer.from(content));
      for (const thread of threads) {
        assert.equal(contentOf(thread, slot), content);
        assert.equal(thread.holds(slot, Buffer.from(content)), true);
        assert.equal(thread.holds(slot, Buffer.from(content.replace(/.$/m, "!"))), false);
      }
    }
  });

  test("that cannot be written keeps what it has", () => {
    const slots = new Slots(headers, state.fd);
    const readOnly = openSync(state.path, "r");
    const slot = slots.claim(slots.setOf(NODE), NODE);
    slots.store(slot, Buffer.from("old\n"));
    try {
      const thread = new Slots(headers, readOnly);
      for (const length of [3000, 9000]) {
        assert.throws(() => thread.store(slot, Buffer.alloc(length, "x")), { code: "EBADF" });
        for (const reader of [slots, thread]) assert.equal(contentOf(reader, slot), "old\n");
        assert.equal(thread.holds(slot, Buffer.from("old\n")), true);
      }
    } finally {
      closeSync(readOnly);
    }
  });

  test("is found in the state file, and told to hold what it held", () => {
    const before = new Slots(headers, state.fd);
    const slot = before.claim(before.setOf(NODE), NODE);
    before.store(slot, Buffer.from("short\n"));
    const after = new Slots(shareHeaders(), state.fd);
    const restored: number[] = [];
    after.restore((found) => restored.push(found));
    assert.deepEqual(restored, [slot]);
    assert.deepEqual(after.nodeOf(slot), NODE);
    assert.equal(contentOf(after, slot), "short\n");
    assert.equal(after.holds(slot, Buffer.from("short\n")), true);
    assert.equal(after.holds(slot, Buffer.from("other\n")), false);
  });

  test("of a large content keeps it until the next one is complete", () => {
    const slots = new Slots(headers, state.fd);
    const slot = slots.claim(slots.setOf(NODE), NODE);
    const places = [9000, 9000, 100, 9000, 2_000_000, 9000].map((length) => {
      slots.store(slot, Buffer.alloc(length, "x"));
      return { start: slots.word(slot, "place"), end: slots.word(slot, "place") + length };
    });
    for (const [at, { start, end }] of places.entries()) {
      const before = places[at - 1];
      if (before !== undefined && end - start > 4096) assert.ok(end <= before.start || start >= before.end, `${at}`);
    }
  });
});
