import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { CPU_FILES, PER_CPU_DIRECTORIES, PER_CPU_FILES } from "../../../contract/cpu-files.ts";
import { ALL_FILES } from "../../../contract/file-names.ts";
import {
  CONTAINERS_DIRECTORY,
  HOST_DIRECTORY,
  OWN_LINKS,
  ROOT_INDEX,
  VIRTUAL_DIRECTORIES,
  VIRTUAL_FILES,
} from "../../../contract/virtual-files.ts";
import { type Node, Tree } from "../../../node-agent/vfs/tree.ts";

const tree = new Tree(new Set(ALL_FILES));

function walk(path: string, from: Tree = tree): Node | undefined {
  let node = from.node(HOST_DIRECTORY.index);
  for (const name of path.split("/").filter(Boolean)) node = node && from.child(node, name);
  return node;
}

test("indices are unique: they are parts of node ids that outlive a version", () => {
  const tables = [...VIRTUAL_DIRECTORIES, ...VIRTUAL_FILES, ...CPU_FILES, ...OWN_LINKS, CONTAINERS_DIRECTORY];
  const fixed = [ROOT_INDEX, ...tables.map(({ index }) => index)];
  assert.equal(new Set(fixed).size, fixed.length);
  const perCpu = [...PER_CPU_DIRECTORIES, ...PER_CPU_FILES].map(({ index }) => index);
  assert.equal(new Set([0, ...perCpu]).size, perCpu.length + 1);
  assert.ok(perCpu.every((index) => index < 256));
});

test("indices of version 0.1 stay what they are", () => {
  const indices = { "proc/meminfo": 35, "proc/stat": 38, "sys/devices/system/cpu/online": 64, "proc/pressure/io": 43 };
  for (const [path, index] of Object.entries(indices)) assert.equal(walk(path)?.index, index);
  assert.equal(walk("sys/devices/system/cpu/cpu3/topology/core_id")?.index, 4096 + 3 * 256 + 16);
});

describe("Tree", () => {
  for (const path of [
    "proc/meminfo",
    "proc/pressure/memory",
    "sys/devices/system/cpu/vulnerabilities/meltdown",
    "sys/devices/system/cpu/cpu0/cache/index2/shared_cpu_list",
    "sys/devices/system/cpu/cpu127/topology",
  ]) {
    test(`finds ${path} by name, and the same node by its index`, () => {
      const node = walk(path);
      assert.equal(node?.path, path);
      assert.deepEqual(tree.node((node as Node).index), node);
    });
  }

  test("every child of a directory is found under its name", () => {
    const pending = [tree.node(ROOT_INDEX) as Node, tree.cpu(5) as Node];
    for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
      for (const [name, child] of tree.children(node)) {
        assert.deepEqual(tree.child(node, name), child);
        assert.deepEqual(tree.node(child.index), child);
        if (child.type === "directory") pending.push(child);
      }
    }
  });

  test("has links to everyone's own view at its root, next to all views", () => {
    const root = tree.node(ROOT_INDEX) as Node;
    const types = [...tree.children(root)].map(([name, { type }]) => `${name} ${type}`);
    assert.deepEqual(types, ["proc symlink", "sys symlink", "containers directory", "host directory"]);
  });

  test("knows no names that are not in the table", () => {
    for (const path of [
      "proc/nosuch",
      "proc/meminfo/x",
      "sys/devices/system/cpu/cpu01",
      "sys/devices/system/cpu/cpu",
    ]) {
      assert.equal(walk(path), undefined, path);
    }
    assert.equal(tree.node(31), undefined);
    assert.equal(tree.node(2 ** 20), undefined);
  });

  test("holds only what is served", () => {
    const small = new Tree(new Set(["proc/meminfo"]));
    assert.equal(walk("proc/meminfo", small)?.index, 35);
    assert.equal(walk("proc/stat", small), undefined);
    assert.equal(walk("proc/pressure", small), undefined);
    assert.equal(walk("sys", small), undefined);
    assert.equal(small.child(small.node(ROOT_INDEX) as Node, "sys"), undefined);
    assert.equal(small.node(4096), undefined);
  });
});
