import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";
import { Doors, shareDoors } from "../../../node-agent/vfs/doors.ts";

const DOOR = 35;
const NEXT_DOOR = 36;
const [A, B] = [
  { key: 7, tid: 70 },
  { key: 8, tid: 80 },
];
const HOST = { key: 0, tid: 1 };
let now: number;
let walking: Set<number>;
let doors: Doors;

beforeEach(() => {
  now = 1000;
  walking = new Set([A.tid, B.tid]);
  doors = new Doors(
    shareDoors(),
    () => now,
    (tid) => walking.has(tid),
  );
});

const walk = ({ key, tid }: { key: number; tid: number }, door = DOOR) =>
  doors.enter(door, key, { uniqueLow: tid, uniqueHigh: 0, tid, lookup: true });

describe("a door", () => {
  test("lets the first one through, has the second wait until the first goes on", () => {
    assert.equal(walk(A).enters, true);
    assert.equal(walk(B).enters, false);
    assert.deepEqual(doors.waitingAt(DOOR), []);
    assert.deepEqual(walk(A, NEXT_DOOR).freed, [DOOR]);
    assert.deepEqual(
      doors.waitingAt(DOOR).map(({ tid }) => tid),
      [B.tid],
    );
    assert.equal(walk(B).enters, true);
    assert.equal(doors.hasWaiting(DOOR), false);
  });
  test("is held while its walker runs, but not for ever, and for a moment even if it sleeps", () => {
    walk(A);
    walking.delete(A.tid);
    now += 1;
    assert.equal(walk(B).enters, false);
    now += 5;
    assert.equal(doors.waitingAt(DOOR).length, 1);
    walking.add(A.tid);
    walk(A, NEXT_DOOR);
    now += 19;
    assert.equal(walk(B, NEXT_DOOR).enters, false);
    now += 2;
    assert.equal(doors.waitingAt(NEXT_DOOR).length, 1);
  });
  test("is open to all of the same container, and held by nobody of the host", () => {
    walk(A);
    assert.equal(walk({ ...A, tid: 71 }).enters, true);
    now += 100;
    assert.equal(walk(HOST).enters, true);
    assert.equal(walk(B).enters, true);
  });
  test("lets in who comes between a walker's two questions; the walker then waits for it", () => {
    walk(A);
    walk(A, NEXT_DOOR);
    // Finds the dentry of A: it will be unhashed, and B asks again.
    assert.equal(walk(B).enters, true);
    assert.equal(walk({ key: 9, tid: 90 }).enters, true);
    assert.equal(walk(B).enters, false);
  });
});
