import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { baseOf, parseHookState, rootPathOf } from "../../../node-agent/attach/hook-state.ts";
import { mountsOf } from "./mountinfos.ts";

describe("the state of a hook", () => {
  test("has a pid, an id and a bundle", () => {
    const state = { ociVersion: "1.0.2", id: "a", status: "creating", pid: 12, bundle: "/b" };
    assert.deepEqual(parseHookState(JSON.stringify(state)), { id: "a", pid: 12, bundle: "/b" });
    for (const text of ["", "{}", '{"pid":"12","id":"a","bundle":"/b"}']) assert.throws(() => parseHookState(text));
  });

  test("the root file system is where config.json says, or where bundles have it", () => {
    assert.equal(rootPathOf('{"root":{"path":"/x/merged"}}'), "/x/merged");
    assert.equal(rootPathOf("{}"), "rootfs");
  });

  test("the container's root is below the bundle until the runtime has moved there", () => {
    const moved = mountsOf("runc-untouched");
    const creating = moved.map((mount) => ({ ...mount, mountPoint: `/b/rootfs${mount.mountPoint}` }));
    assert.equal(baseOf(creating, "/b/rootfs"), "/b/rootfs");
    assert.equal(baseOf(moved, "/b/rootfs"), "");
  });
});
