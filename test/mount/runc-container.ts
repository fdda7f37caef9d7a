// A container made by runc, as a container runtime makes it: its files are volumes.

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cgroupMounts, removeIfUnused, runProgram, TEST_NAME } from "./harness.ts";

export interface RuncLimits {
  memoryBytes?: number;
  swapBytes?: number;
  cpus?: number;
  cpuset?: string;
}

export interface RuncContainer extends Disposable {
  id: string;
  /** What a shell command in it prints. */
  exec(script: string): string;
  update(...flags: string[]): void;
}

const RUNC_CGROUP = `${TEST_NAME}-runc`;

/** A container made by runc, or another that takes its commands, on the host's own files, with `files` of a mount bound as a runtime binds volumes. */
export function runcContainer(
  mount: string,
  files: readonly string[],
  limits: RuncLimits,
  init = "sleep 1000",
  runtime: "runc" | "crun" = "runc",
): RuncContainer {
  const bundle = mkdtempSync(join(tmpdir(), "procview-runc-"));
  const id = `pv-${bundle.slice(-6)}`;
  const rootfs = join(bundle, "rootfs");
  mkdirSync(rootfs);
  must("mount", "--bind", "/", rootfs);
  must("runc", "spec", "--bundle", bundle);
  const file = join(bundle, "config.json");
  const spec = JSON.parse(readFileSync(file, "utf8"));
  spec.process.terminal = false;
  spec.process.args = ["sh", "-c", init];
  spec.process.env = [`PATH=${process.env["PATH"]}`, "HOME=/root"];
  spec.root = { path: "rootfs", readonly: true };
  spec.mounts = [
    ...spec.mounts.filter(({ destination }: { destination: string }) => destination !== "/sys/fs/cgroup"),
    ...files.map((path) => bind(mount, path)),
  ];
  spec.linux.cgroupsPath = `/${RUNC_CGROUP}/${id}`;
  spec.linux.resources = { devices: [{ allow: false, access: "rwm" }], ...resources(limits) };
  writeFileSync(file, JSON.stringify(spec));
  const container: RuncContainer = {
    id,
    exec: (script) => must(runtime, "exec", id, "sh", "-c", script),
    update: (...flags) => must(runtime, "update", ...flags, id),
    [Symbol.dispose]() {
      runProgram(runtime, ["delete", "--force", id]);
      runProgram("umount", ["-l", rootfs]);
      rmSync(bundle, { recursive: true });
      for (const mountPoint of cgroupMounts()) removeIfUnused(`${mountPoint}/${RUNC_CGROUP}`);
    },
  };
  using undo = new DisposableStack();
  undo.use(container);
  must(runtime, "run", "--detach", "--bundle", bundle, id);
  undo.move();
  return container;
}

function bind(mount: string, path: string): object {
  return {
    destination: `/${path}`,
    type: "bind",
    source: `${mount}/${path}`,
    options: ["bind", "ro", "nosuid", "nodev", "noexec"],
  };
}

function resources({ memoryBytes, swapBytes, cpus, cpuset }: RuncLimits): object {
  return {
    ...(memoryBytes && { memory: { limit: memoryBytes, ...(swapBytes && { swap: swapBytes }) } }),
    ...((cpus ?? cpuset) && {
      cpu: { ...(cpus && { quota: cpus * 100_000, period: 100_000 }), ...(cpuset && { cpus: cpuset }) },
    }),
  };
}

function must(file: string, ...args: string[]): string {
  // runc's detached child keeps the pipes of its parent: its output goes to a file instead.
  const folder = mkdtempSync(join(tmpdir(), "procview-out-"));
  const script = `"$@" >${folder}/out 2>${folder}/err </dev/null`;
  const { status } = runProgram("sh", ["-c", script, "sh", file, ...args]);
  const stdout = readFileSync(`${folder}/out`, "utf8");
  const stderr = readFileSync(`${folder}/err`, "utf8");
  rmSync(folder, { recursive: true });
  assert.equal(status, 0, `${file} ${args.join(" ")}: ${stderr}`);
  return stdout;
}
