import assert from "node:assert/strict";
import { test } from "node:test";
import { indexOf, keyOf, nodeidHigh, nodeidLow } from "../../../node-agent/vfs/node-id.ts";

test("a node id holds the key of a container and the index of a file", () => {
  for (const key of [0, 1, 4095, 4096, 2 ** 32 + 5, 2 ** 42 + 77, 2 ** 44 - 1]) {
    for (const index of [1, 35, 4096 + 256 * 127 + 33, 2 ** 20 - 1]) {
      const high = nodeidHigh(key);
      const low = nodeidLow(key, index);
      assert.equal(keyOf(high, low), key);
      assert.equal(indexOf(low), index);
    }
  }
});

test("the root of the tree has node id 1, which FUSE prescribes", () => {
  assert.equal(nodeidHigh(0), 0);
  assert.equal(nodeidLow(0, 1), 1);
});
