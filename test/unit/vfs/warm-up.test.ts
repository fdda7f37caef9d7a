import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Contents } from "../../../node-agent/vfs/file-system.ts";
import { type NodeId, nodeidHigh, nodeidLow } from "../../../node-agent/vfs/node-id.ts";
import { type Node, Tree } from "../../../node-agent/vfs/tree.ts";
import { warmUp } from "../../../node-agent/vfs/warm-up.ts";

const tree = new Tree(new Set(["proc/meminfo", "proc/uptime"]));

function indexOf(path: string): number {
  for (let index = 0; index < 100; index += 1) if (tree.node(index)?.path === path) return index;
  throw new Error(path);
}

function shown(...files: readonly [key: number, path: string][]): NodeId[] {
  return files.map(([key, path]) => ({ high: nodeidHigh(key), low: nodeidLow(key, indexOf(path)) }));
}

/** What is rendered, in order, of containers 1 to 3; each rendering takes so long, and that of container 2 fails. */
function rendered(nodes: readonly NodeId[], millis: number): string[] {
  const order: string[] = [];
  let now = 0;
  const contents: Pick<Contents, "containers" | "render"> = {
    containers: () => [1, 2, 3],
    render: (key: number, node: Node) => {
      now += millis;
      order.push(`${key} ${node.path}`);
      if (key === 2) throw new Error("gone");
      return Buffer.alloc(0);
    },
  };
  warmUp(nodes, tree, contents as Contents, () => now);
  return order;
}

describe("warming up", () => {
  const nodes = shown(
    [1, "proc/meminfo"],
    [2, "proc/meminfo"],
    [9, "proc/uptime"],
    [3, "proc/uptime"],
    [3, "proc/meminfo"],
  );

  test("renders each file once, then all others; not those of containers that are gone", () => {
    const order = ["1 proc/meminfo", "3 proc/uptime", "2 proc/meminfo", "3 proc/meminfo"];
    assert.deepEqual(rendered(nodes, 1), order);
  });

  test("comes to an end after a second, but not before each file was rendered once", () => {
    assert.deepEqual(rendered(nodes, 600), ["1 proc/meminfo", "3 proc/uptime", "2 proc/meminfo", "3 proc/meminfo"]);
    assert.deepEqual(rendered(nodes, 1100), ["1 proc/meminfo", "3 proc/uptime", "2 proc/meminfo"]);
  });
});
