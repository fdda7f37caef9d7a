import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Readers, shareReaders } from "../../../node-agent/vfs/readers.ts";
import { type Contact, decideTurn, MAX_WAIT_MILLIS, type Moment, mustDropPages } from "../../../node-agent/vfs/turn.ts";

const NOW = 1_000_000;
const LONG_AGO = NOW - 10_000;
/** A file rendered long ago, read by nobody since. */
const QUIET: Moment = {
  now: NOW,
  renderedAt: LONG_AGO,
  unseenUntil: LONG_AGO,
  waitingSince: 0,
  overtaken: false,
  turning: false,
  owned: false,
  renderedForAsker: false,
};
const MAX_AGE_MILLIS = 100;

function decide(contact: Contact, moment: Partial<Moment>, { asker = false, others = false } = {}): string {
  return decideTurn(contact, { ...QUIET, ...moment }, MAX_AGE_MILLIS, {
    askerInPass: () => asker,
    othersInPass: () => others,
  });
}

describe("a file turns", () => {
  test("when someone opens it and nobody is in the middle", () => assert.equal(decide("open", {}), "renew"));
  test("not before it is old", () => assert.equal(decide("open", { renderedAt: NOW - 99 }), "keep"));
  test("not for one who is in the middle", () => assert.equal(decide("read", {}, { asker: true }), "keep"));
  test("for one who keeps it open and comes back", () => assert.equal(decide("read", {}), "renew"));
  test("not for one who reads and may have begun unseen", () =>
    assert.equal(decide("read", { unseenUntil: NOW - 20 }), "keep"));
  test("not while someone may be reading unseen", () => assert.equal(decide("open", { unseenUntil: NOW - 1 }), "keep"));
  test("not for one who asked before the kernel dropped attributes", () =>
    assert.equal(decide("open", { overtaken: true }), "keep"));
  test("not while somebody owns its pages", () => assert.equal(decide("open", { owned: true }), "keep"));
  test("not under a reader: who opens waits", () => assert.equal(decide("open", {}, { others: true }), "wait"));
  test("not twice for a path walk, its open and its fstat", () =>
    assert.equal(decide("open", { renderedAt: NOW - 0.5, renderedForAsker: true }), "keep"));
  test("under a reader that takes too long", () =>
    assert.equal(decide("open", { waitingSince: NOW - MAX_WAIT_MILLIS }, { others: true }), "force"));
  test("once: everyone else waits", () => {
    assert.equal(decide("open", { turning: true }), "wait");
    assert.equal(decide("read", { turning: true }, { asker: true }), "wait");
  });
});

test("pages are dropped first where two may be reading", () => {
  assert.equal(mustDropPages(QUIET, false), false);
  assert.equal(mustDropPages(QUIET, true), true);
  assert.equal(mustDropPages({ ...QUIET, waitingSince: NOW - 1 }, false), true);
  assert.equal(mustDropPages({ ...QUIET, unseenUntil: NOW - 5 }, false), true);
});

describe("readers", () => {
  const SLOT = 3;
  const asleep = () => false;
  const atIt = () => true;
  const seen = (...tids: number[]): Readers => {
    const readers = new Readers(shareReaders(8));
    for (const tid of tids) readers.saw(SLOT, tid, NOW, true);
    return readers;
  };

  test("one that was seen just now is in the middle; later only while it is at it", () => {
    assert.equal(seen(7).anyInPass(SLOT, NOW + 0.2, 0, asleep), true);
    assert.equal(seen(7).anyInPass(SLOT, NOW + 5, 0, asleep), false);
    assert.equal(seen(7).anyInPass(SLOT, NOW + 5, 0, atIt), true);
    assert.equal(seen(7).anyInPass(SLOT + 1, NOW, 0, atIt), false);
  });
  test("one that left, ended long ago or goes on for ever is not", () => {
    const readers = seen(7);
    readers.left(SLOT, 7);
    assert.equal(readers.anyInPass(SLOT, NOW, 0, atIt), false);
    assert.equal(seen(7).anyInPass(SLOT, NOW + 501, 0, atIt), false);
    const endless = seen(7);
    for (let later = 0; later <= 600; later += 10) endless.saw(SLOT, 7, NOW + later, false);
    assert.equal(endless.anyInPass(SLOT, NOW + 600, 0, atIt), false);
    assert.equal(endless.isInPass(SLOT, 7, NOW + 600, 0), false);
  });
  test("time in which nobody was seen does not count", () => {
    assert.equal(seen(7).anyInPass(SLOT, NOW + 10_010, NOW + 10_000, atIt), true);
    assert.equal(seen(7).anyInPass(SLOT, NOW + 10_501, NOW + 10_000, atIt), false);
  });
  test("the longest unseen make room", () => {
    const readers = seen();
    for (let tid = 1; tid <= 100; tid += 1) readers.saw(SLOT, tid, NOW + tid, true);
    assert.equal(readers.isInPass(SLOT, 100, NOW + 100, 0), true);
    assert.equal(readers.isInPass(SLOT, 1, NOW + 100, 0), false);
    assert.equal(readers.anyOther(SLOT, 100, NOW + 100), true);
    assert.equal(seen(7).anyOther(SLOT, 7, NOW), false);
  });
});
