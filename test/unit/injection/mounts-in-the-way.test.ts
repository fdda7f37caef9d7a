import assert from "node:assert/strict";
import { test } from "node:test";
import { inTheWay, isThere, normalPath } from "../../../injection/mounts-in-the-way.ts";

const OURS = new Set(["procview-meminfo"]);

test("normalPath() cleans as a runtime does", () => {
  for (const [path, clean] of [
    ["/proc//meminfo/", "/proc/meminfo"],
    ["proc/./meminfo", "/proc/meminfo"],
    ["/var/../proc/meminfo", "/proc/meminfo"],
    ["/", "/"],
    ["", "/"],
  ] as const) {
    assert.equal(normalPath(path), clean);
  }
});

test("inTheWay() finds what is at, above and below a path", () => {
  const at = (mountPath: string) => inTheWay("/proc/meminfo", { volumeMounts: [{ name: "mine", mountPath }] }, OURS);
  assert.equal(at("/proc/meminfo/"), "userMount");
  assert.equal(at("/proc"), "userMountAbove");
  assert.equal(at("/"), "userMountAbove");
  assert.equal(at("/proc/meminfo/x"), "userMountBelow");
  assert.equal(at("/proc/meminfo2"), undefined);
  assert.equal(at("/pro"), undefined);
});

test("inTheWay() counts block devices, and not our own mounts", () => {
  assert.equal(inTheWay("/proc/stat", { volumeDevices: [{ devicePath: "/proc/stat" }] }, OURS), "userMount");
  const container = { volumeMounts: [{ name: "procview-meminfo", mountPath: "/proc/meminfo" }] };
  assert.equal(inTheWay("/proc/meminfo", container, OURS), undefined);
  assert.ok(isThere("/proc/meminfo", container, OURS));
  assert.ok(!isThere("/proc/stat", container, OURS));
});
