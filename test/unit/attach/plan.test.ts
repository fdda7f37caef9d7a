import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ALL_PATHS, treePath } from "../../../node-agent/attach/placement.ts";
import { type PlaceToPlan, plan, type Surroundings } from "../../../node-agent/attach/plan.ts";
import { findServed } from "../../../node-agent/attach/served.ts";
import { mountsAlong } from "../../../node-agent/attach/visible-mounts.ts";
import { HostFiles } from "../../../node-agent/host/host-files.ts";
import type { Mount } from "../../../node-agent/procfs/mountinfo.ts";
import {
  type Captured,
  KEY,
  LOST_DEVICE,
  MOUNT_ROOT,
  mountinfo,
  mountsOf,
  SOURCE,
  surroundings,
} from "./mountinfos.ts";

interface Case {
  owner?: number;
  device?: string;
  files?: readonly string[];
  key?: number;
}

function planOf(mounts: readonly Mount[], { owner, device, files, key = KEY }: Case, more?: Partial<Surroundings>) {
  return plan(mounts, { files, base: "", key }, { ...surroundings(mounts, owner, device), ...more });
}

const words = (places: readonly PlaceToPlan[]) => [...new Set(places.map(({ state, action }) => `${state} ${action}`))];
const place = (places: readonly PlaceToPlan[], path: string) => places.find((one) => one.path === path);

describe("plan() of captured containers", () => {
  const cases: readonly (readonly [Captured, Case, number, readonly string[]])[] = [
    ["runc-untouched", {}, 0, []],
    ["runc-untouched", { files: ALL_PATHS }, 14, ["absent attach"]],
    ["runc-untouched", { files: [] }, 0, []],
    ["runc-attached", { device: LOST_DEVICE, owner: KEY }, 14, ["own keep"]],
    ["runc-attached", { device: LOST_DEVICE, owner: KEY, files: ALL_PATHS }, 14, ["own keep"]],
    ["runc-attached", { device: LOST_DEVICE }, 14, ["unknown inspect", "own keep"]],
    ["runc-attached", { device: LOST_DEVICE, owner: 0 }, 14, ["host replace", "own keep"]],
    ["runc-attached", { device: LOST_DEVICE, owner: 7 }, 14, ["other replace", "own keep"]],
    ["runc-attached", { device: LOST_DEVICE, owner: KEY, files: [] }, 14, ["own detach"]],
    // Whose inode a file is does not matter where it goes.
    ["runc-attached", { device: LOST_DEVICE, files: [] }, 14, ["unknown detach", "own detach"]],
    ["runc-stale", {}, 14, ["stale reattach", "own keep"]],
    ["runc-stale", { files: [] }, 14, ["stale detach", "own detach"]],
    ["runc-healed", { owner: KEY }, 14, ["own keep"]],
    ["runc-volumes", { owner: KEY }, 3, ["own keep"]],
    ["runc-volumes", { owner: KEY, device: "0:99" }, 3, ["stale reattach"]],
  ];
  for (const [name, given, count, expected] of cases) {
    test(`${name}, ${JSON.stringify({ ...given, ...(given.files && { files: given.files.length }) })}`, () => {
      const places = planOf(mountsOf(name), given);
      assert.equal(places.length, count);
      assert.deepEqual(words(places), expected);
    });
  }

  test("while nothing is served, nothing is taken away that could not be replaced", () => {
    const mounts = mountsOf("runc-stale");
    const served = { device: undefined, source: SOURCE };
    assert.deepEqual(words(planOf(mounts, {}, { served })), ["stale leave", "own keep"]);
    assert.deepEqual(words(planOf(mounts, { files: [] }, { served })), ["stale detach", "own detach"]);
  });

  test("what the container mounted itself is left alone", () => {
    const places = planOf(mountsOf("userns-own-mount"), { files: ["proc/meminfo", "proc/uptime"] });
    assert.deepEqual(words(places), ["absent attach", "covered leave"]);
    assert.equal(place(places, "proc/uptime")?.layers, 0);
  });

  test("mounts of another root are the container's own business", () => {
    const elsewhere = mountsOf("runc-stale").map((mount) => ({ ...mount, source: mount.source.replace("lib", "tmp") }));
    assert.deepEqual(planOf(elsewhere, {}), []);
    assert.equal(place(planOf(elsewhere, { files: ["proc/meminfo"] }), "proc/meminfo")?.state, "covered");
  });

  test("files that are no longer wanted go, the others stay", () => {
    const places = planOf(mountsOf("runc-healed"), { owner: KEY, files: ["proc/meminfo"] });
    assert.deepEqual(words(places), ["own detach", "own keep"]);
    assert.equal(places.filter(({ action }) => action === "keep").length, 1);
  });
});

describe("plan() of mounts that are arranged otherwise", () => {
  const untouched = mountsOf("runc-untouched");
  const proc = untouched.find(({ mountPoint }) => mountPoint === "/proc") as Mount;
  const file = (mountId: number, parentId: number, more: Partial<Mount> = {}): Mount => ({
    ...(mountsOf("runc-stale").find(({ mountPoint }) => mountPoint === "/proc/meminfo") as Mount),
    mountId,
    parentId,
    ...more,
  });
  const wanted = { files: ["proc/meminfo"] };

  test("dead mounts on top of each other all go, whatever the order of lines", () => {
    const stack = [file(902, 901), file(900, proc.mountId), file(901, 900)];
    const [found] = planOf([...stack, ...untouched], wanted);
    assert.deepEqual([found?.state, found?.action, found?.layers], ["stale", "reattach", 3]);
    assert.equal(found?.mountId, 902);
  });

  test("a container's own mount over a dead one is left alone, and so is the dead one", () => {
    const own = file(901, 900, { fsType: "tmpfs", source: "tmpfs" });
    const [found] = planOf([...untouched, file(900, proc.mountId), own], wanted);
    assert.deepEqual([found?.state, found?.action, found?.layers], ["covered", "leave", 0]);
  });

  test("a living file over the host's inode: one layer goes", () => {
    const living = file(901, 900, { device: "0:48" });
    const [found] = planOf([...untouched, file(900, proc.mountId, { device: "0:48" }), living], wanted, {
      owners: new Map([
        [900, KEY],
        [901, 0],
      ]),
    });
    assert.deepEqual([found?.state, found?.action, found?.layers], ["host", "replace", 1]);
  });

  test("a /proc that is mounted anew hides what was attached", () => {
    const again = { ...proc, mountId: 950, parentId: proc.mountId };
    const [found] = planOf([...untouched, file(900, proc.mountId), again], wanted);
    assert.deepEqual([found?.state, found?.layers], ["absent", 0]);
  });

  test("where there is no procfs nothing is attached", () => {
    assert.equal(
      planOf(
        untouched.filter((mount) => mount !== proc),
        wanted,
      )[0]?.state,
      "unreachable",
    );
  });

  test("what the host would get as well is not attached", () => {
    const shared = untouched.map((mount) => (mount === proc ? { ...mount, peerGroup: 12 } : mount));
    assert.equal(planOf(shared, wanted, { sharedWithHost: new Set([12]) })[0]?.state, "shared");
    assert.equal(planOf(shared, wanted, { sharedWithHost: new Set([13]) })[0]?.state, "absent");
  });

  test("a volume of the whole tree is healed, and shows in no list while it lives", () => {
    const tree = { ...file(900, 71), root: "/", mountPoint: MOUNT_ROOT };
    assert.deepEqual(
      planOf([...untouched, tree], {}).map(({ path, action }) => [path, action]),
      [["", "reattach"]],
    );
    assert.deepEqual(planOf([...untouched, { ...tree, device: "0:48" }], {}), []);
  });

  test("before the runtime moves to the container's root, its /proc is below it", () => {
    const below = untouched.map((mount) => ({
      ...mount,
      mountPoint: `/b/rootfs${mount.mountPoint}`.replace(/\/$/, ""),
    }));
    const wishes = { files: ["proc/meminfo"], base: "/b/rootfs", key: KEY };
    const [found] = plan(below, wishes, surroundings(below));
    assert.deepEqual([found?.target, found?.state], ["/b/rootfs/proc/meminfo", "absent"]);
  });
});

describe("mountsAlong()", () => {
  test("follows parents from the root to the path", () => {
    const points = mountsAlong(mountsOf("runc-healed"), "/proc/meminfo").map(({ mountPoint }) => mountPoint);
    assert.deepEqual(points, ["/", "/proc", "/proc/meminfo"]);
    assert.deepEqual(mountsAlong([], "/proc"), []);
  });
});

test("treePath() is the path in the tree, whoever's and whether or not the kernel remembers its name", () => {
  const of = (root: string) => treePath({ ...(mountsOf("runc-healed")[0] as Mount), root });
  assert.equal(of("/proc/meminfo//deleted"), "proc/meminfo");
  assert.equal(of(`/containers/${KEY}/proc/meminfo`), "proc/meminfo");
  assert.equal(of(`/containers/${KEY}`), "");
  assert.equal(of("/host/proc/meminfo"), "proc/meminfo");
  assert.equal(of("/host"), "");
  assert.equal(of("/"), "");
});

test("findServed() takes the device of what is mounted at the root, not of binds of it", () => {
  const files = new HostFiles();
  files.textIfAny = (path) => (path === "proc/self/mountinfo" ? mountinfo("host") : undefined);
  assert.equal(findServed(files, "self", MOUNT_ROOT, SOURCE).served.device, "0:48");
  assert.equal(findServed(files, "self", "/var/lib/other/fs", SOURCE).served.device, undefined);
});
