import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { findContainers } from "../../../node-agent/attach/find-containers.ts";
import type { Containers } from "../../../node-agent/container/containers.ts";
import { HostFiles } from "../../../node-agent/host/host-files.ts";

const procfs = mkdtempSync(join(tmpdir(), "procview-find-"));
after(() => rmSync(procfs, { recursive: true }));

function addProcess(pid: number | "self", namespace: number, comm: string): void {
  mkdirSync(join(procfs, `${pid}/ns`), { recursive: true });
  symlinkSync(`mnt:[${namespace}]`, join(procfs, `${pid}/ns/mnt`));
  writeFileSync(join(procfs, `${pid}/comm`), `${comm}\n`);
  writeFileSync(join(procfs, `${pid}/stat`), `${pid} (${comm}) S 1 ${"0 ".repeat(17)}${pid} 0\n`);
}

test("a container is being made as long as a runtime stands where its first process will be", () => {
  addProcess("self", 1, "node");
  addProcess(1, 1, "systemd");
  const names = { 20: "runc:[2:INIT]", 21: "crun", 22: "youki:[2:INIT]", 23: "lxc-start", 24: "nginx", 25: "runc" };
  for (const [pid, comm] of Object.entries(names)) addProcess(Number(pid), Number(pid), comm);
  const containers = { ofThread: () => ({}) } as unknown as Containers;
  const found = findContainers(new HostFiles({ procfs, sysfs: "/nowhere" }), containers);
  const made = found.filter(({ beingMade }) => !beingMade).map(({ subject: { pid } }) => pid);
  assert.deepEqual([found.length, made], [6, [24, 25]]);
});
