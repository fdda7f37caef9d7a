// Before it serves, a process answers requests that nobody made: for what, in which order, and for how long.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { FuseOperations } from "../../../node-agent/fuse/operations.ts";
import type { Attributes } from "../../../node-agent/fuse/reply.ts";
import type { Request } from "../../../node-agent/fuse/request.ts";
import { askForAll } from "../../../node-agent/session/rehearsal.ts";
import { indexOf, keyOf, type NodeId, nodeidHigh, nodeidLow } from "../../../node-agent/vfs/node-id.ts";
import { warmUpOrder } from "../../../node-agent/vfs/warm-up-order.ts";

const [MEMINFO, UPTIME] = [7, 8];

function shown(...files: readonly [key: number, file: number][]): NodeId[] {
  return files.map(([key, file]) => ({ high: nodeidHigh(key), low: nodeidLow(key, file) }));
}

/** What is read, in order; each reading takes so long, and all that is asked about container 2 fails. */
function asked(nodes: readonly NodeId[], millis: number): { order: string[]; failures: string[] } {
  const order: string[] = [];
  const failures: string[] = [];
  let now = 0;
  const failOfTwo = (key: number): void => {
    if (key === 2) throw new Error("a bug");
  };
  const operations: Pick<FuseOperations, "getattr" | "read"> = {
    getattr: (request) => {
      failOfTwo(keyIn(request));
      return {} as Attributes;
    },
    read: (request) => {
      now += millis;
      order.push(`${keyIn(request)} ${indexOf(request.nodeidLow)}`);
      failOfTwo(keyIn(request));
      return 0;
    },
  };
  const living = warmUpOrder(nodes, new Set([1, 2, 3]));
  const failed = (error: unknown): number => failures.push(String(error));
  askForAll(living, operations as FuseOperations, failed, () => now);
  return { order, failures };
}

const keyIn = ({ nodeidHigh: high, nodeidLow: low }: Request): number => keyOf(high, low);

describe("rehearsing", () => {
  const nodes = shown([1, MEMINFO], [2, MEMINFO], [9, UPTIME], [3, UPTIME], [3, MEMINFO]);

  test("asks for each file once, then for all others; not for those of containers that are gone", () => {
    assert.deepEqual(asked(nodes, 1).order, ["1 7", "3 8", "2 7", "3 7"]);
  });

  test("comes to an end after a second, but not before each file was asked for once", () => {
    assert.deepEqual(asked(nodes, 600).order, ["1 7", "3 8", "2 7", "3 7"]);
    assert.deepEqual(asked(nodes, 1100).order, ["1 7", "3 8", "2 7"]);
  });

  test("tells of what is no answer", () => {
    assert.deepEqual(asked(nodes, 1).failures, Array(3).fill("Error: a bug"));
  });
});
