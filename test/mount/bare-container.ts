// A container with nothing in it but one static program that reads: no shell, no mount(8), a root that cannot be written.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findHierarchies } from "../../node-agent/container/hierarchies.ts";
import { HostFiles } from "../../node-agent/host/host-files.ts";
import { type Mount, parseMountinfo } from "../../node-agent/procfs/mountinfo.ts";
import { removeIfUnused, runProgram, TEST_NAME, until } from "./harness.ts";

const CGROUP = `${TEST_NAME}-bare`;
const SOURCE = new URL("./programs/reader.c", import.meta.url).pathname;

export interface BareOptions {
  memoryBytes: number;
  /** What it reads. */
  reads?: readonly string[];
  userNamespace?: boolean;
  /** Further mounts, as config.json has them. */
  mounts?: readonly object[];
  /** As config.json has them. */
  hooks?: object;
}

export interface BareContainer extends Disposable {
  id: string;
  pid: number;
  /** What it read in a file from now on: the first line, or "error" and its number. */
  reads(file?: string): Promise<string>;
  /** Everything it has read. */
  log(): string;
  /** The mounts that its process sees. */
  mounts(): Mount[];
}

/** Started by runc, whose cgroup no rule knows: found by its pid namespace. */
export function bareContainer(options: BareOptions): BareContainer {
  const bundle = mkdtempSync(join(tmpdir(), "procview-bare-"));
  const id = `pv-${bundle.slice(-6)}`;
  const out = join(bundle, "out");
  prepareBundle(bundle, id, options);
  // runc's detached child keeps the pipes of its parent: they are files.
  const { status } = runProgram("sh", [
    "-c",
    `runc run --detach --bundle '${bundle}' ${id} >'${out}' 2>'${bundle}/err' </dev/null`,
  ]);
  if (status !== 0) {
    const reason = readFileSync(`${bundle}/err`, "utf8");
    runProgram("runc", ["delete", "--force", id]);
    rmSync(bundle, { recursive: true });
    assert.fail(reason);
  }
  const { pid } = JSON.parse(runProgram("runc", ["state", id]).stdout) as { pid: number };
  return {
    id,
    pid,
    log: () => readFileSync(out, "utf8"),
    async reads(file = "/proc/meminfo") {
      const before = readFileSync(out, "utf8").length;
      const lines = (): string[] =>
        readFileSync(out, "utf8")
          .slice(before)
          .split("\n")
          .slice(0, -1)
          .filter((line) => line.startsWith(`${file}: `));
      // The first may have been read before.
      await until(`the container reads ${file}`, () => lines().length > 2);
      return (lines().at(-1) as string).slice(file.length + 2).replaceAll(/ +/g, " ");
    },
    mounts: () => parseMountinfo(readFileSync(`/proc/${pid}/mountinfo`, "utf8")),
    [Symbol.dispose]() {
      runProgram("runc", ["delete", "--force", id]);
      rmSync(bundle, { recursive: true });
      for (const { mountPoint } of findHierarchies(new HostFiles())) removeIfUnused(`${mountPoint}/${CGROUP}`);
    },
  };
}

function prepareBundle(bundle: string, id: string, options: BareOptions): void {
  const { memoryBytes, reads = ["/proc/meminfo"], userNamespace = false, mounts = [], hooks } = options;
  const rootfs = join(bundle, "rootfs");
  for (const name of ["", "proc", "sys", "dev"]) mkdirSync(join(rootfs, name));
  chmodSync(bundle, 0o755);
  copyFileSync(builtReader(), join(rootfs, "reader"));
  runProgram("runc", ["spec", "--bundle", bundle]);
  const file = join(bundle, "config.json");
  const spec = JSON.parse(readFileSync(file, "utf8"));
  spec.process.terminal = false;
  spec.process.args = ["/reader", ...reads];
  spec.root = { path: "rootfs", readonly: true };
  spec.mounts = [
    ...spec.mounts.filter(({ destination }: { destination: string }) => /^\/(proc|sys|dev)$/.test(destination)),
    ...mounts,
  ];
  spec.linux.cgroupsPath = `/${CGROUP}/${id}`;
  spec.linux.resources = { memory: { limit: memoryBytes } };
  if (userNamespace) {
    const mapping = [{ containerID: 0, hostID: 100_000, size: 65_536 }];
    spec.linux.namespaces.push({ type: "user" });
    Object.assign(spec.linux, { uidMappings: mapping, gidMappings: mapping });
  }
  if (hooks !== undefined) spec.hooks = hooks;
  writeFileSync(file, JSON.stringify(spec));
}

/** Compiled once a run of the tests. */
let reader: string | undefined;

export function builtReader(): string {
  if (reader !== undefined) return reader;
  const folder = mkdtempSync(join(tmpdir(), "procview-reader-"));
  reader = join(folder, "reader");
  const { status, stderr } = spawnSync("cc", ["-O2", "-static", "-o", reader, SOURCE], { encoding: "utf8" });
  assert.equal(status, 0, stderr);
  return reader;
}
