// Real mounts, real cgroups, real containers: how tests make them and how they see that nothing is left.
// The test process never touches a mount itself: children do, each with a time limit.

import assert from "node:assert/strict";
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { findHierarchies } from "../../node-agent/container/hierarchies.ts";
import { HostFiles } from "../../node-agent/host/host-files.ts";

export const PROGRAM: string = new URL("../../cli/procview.js", import.meta.url).pathname;
/** Emulated kernels are several times slower. */
export const SLOWNESS: number = Number(process.env["PROCVIEW_TEST_SLOWNESS"] ?? "1");
const LIMIT_MILLIS = 30_000 * SLOWNESS;

/** Why real mounts cannot be tested here; undefined where they can. Printed with every test that is skipped for it. */
export const skip: string | false = whyNot();

function whyNot(): string | false {
  if (process.platform !== "linux") return "needs Linux";
  if (process.geteuid?.() !== 0) return "needs root: mounts are made for real";
  if (!existsSync("/dev/fuse")) return "needs /dev/fuse";
  return false;
}

/** Whether a program is in PATH; a reason to skip where it is not. */
export function lacks(program: string): string | false {
  const found = (process.env["PATH"] ?? "").split(":").some((folder) => existsSync(join(folder, program)));
  return found ? false : `needs ${program}, which is not installed`;
}

export interface Outcome {
  status: number | null;
  stdout: string;
  stderr: string;
}

/** Runs a program to its end; kills it and fails after the time limit. */
export function runProgram(file: string, args: readonly string[], input = ""): Outcome {
  const { status, signal, stdout, stderr, error } = spawnSync(file, args, {
    encoding: "utf8",
    input,
    timeout: LIMIT_MILLIS,
    killSignal: "SIGKILL",
    maxBuffer: 16 * 2 ** 20,
  });
  assert.equal(error, undefined, `${file} ${args.join(" ")}: ${error?.message}`);
  assert.equal(signal, null, `${file} ${args.join(" ")} was ended by ${signal}: ${stderr}`);
  return { status, stdout, stderr };
}

/** `procview ARGS` to its end. */
export function procview(...args: string[]): Outcome {
  return runProgram(process.execPath, [PROGRAM, ...args]);
}

/** `procview ARGS` in the background. */
export function startProcview(args: readonly string[]): ChildProcess {
  return spawn(process.execPath, [PROGRAM, ...args], { stdio: ["ignore", "pipe", "pipe"] });
}

/** What a shell command in a run prints. Fails unless it succeeds. */
export function inRun(flags: readonly string[], script: string): string {
  const { status, stdout, stderr } = procview("run", ...flags, "--", "sh", "-c", script);
  assert.equal(status, 0, `${script}: ${stderr}`);
  return stdout;
}

/** Waits until a condition holds; fails with what was waited for. */
export async function until(
  what: string,
  condition: () => boolean | Promise<boolean>,
  limitMillis = 10_000 * SLOWNESS,
): Promise<void> {
  for (const end = performance.now() + limitMillis; !(await condition()); await sleep(20)) {
    assert.ok(performance.now() < end, `${what}: not within ${limitMillis} ms`);
  }
}

export interface Mounted extends AsyncDisposable {
  directory: string;
  process: ChildProcess;
  /** What it has written to stderr. */
  log(): string;
}

/** `procview mount` at a new directory, unmounted at the end of the scope. */
export async function mounted(...flags: string[]): Promise<Mounted> {
  const directory = mkdtempSync(join(tmpdir(), "procview-mount-"));
  const child = startProcview(["mount", directory, ...flags]);
  let log = "";
  let output = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    log += chunk.toString();
  });
  child.stdout?.on("data", (chunk: Buffer) => {
    output += chunk.toString();
  });
  await until("the mount is served", () => output.includes("serving") || child.exitCode !== null);
  assert.equal(child.exitCode, null, log);
  return {
    directory,
    process: child,
    log: () => log,
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill("SIGTERM");
        await once(child, "exit");
      }
      await until("the mount is gone", () => !mountPoints().includes(directory));
      rmdirSync(directory);
    },
  };
}

/** What a child reads in a file of a mount, in bytes as latin1. */
export function readThrough(file: string): string {
  const { status, signal, stdout, stderr } = spawnSync("cat", [file], {
    encoding: "latin1",
    timeout: LIMIT_MILLIS,
    killSignal: "SIGKILL",
    maxBuffer: 16 * 2 ** 20,
  });
  assert.equal(status, 0, `cat ${file}: ${signal ?? stderr}`);
  return stdout;
}

/** Mount points of procview in this mount namespace. */
export function mountPoints(): string[] {
  return readFileSync("/proc/self/mountinfo", "utf8")
    .split("\n")
    .filter((line) => line.includes(" - fuse.procview "))
    .map((line) => line.split(" ")[4] as string);
}

/** Pids whose command line is just this, arguments joined by spaces. */
export function pidsRunning(command: string): number[] {
  return pidsWhere((line) => line === command);
}

/** Pids whose command line has all the words. */
export function pidsOf(...words: string[]): number[] {
  return pidsWhere((line) => words.every((word) => line.includes(word)));
}

function pidsWhere(matches: (commandLine: string) => boolean): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        return matches(readFileSync(`/proc/${pid}/cmdline`, "latin1").replace(/\0$/, "").replaceAll("\0", " "));
      } catch {
        return false;
      }
    });
}

/** The process that answers the kernel for a `run` or `mount` started here. */
export function fileSystemProcessOf(parent: ChildProcess): number | undefined {
  return pidsOf("file-system-process").find((pid) => {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]) === parent.pid;
  });
}

/** Those of runs, and those that tests make. */
function ourCgroups(): string[] {
  return cgroupMounts().flatMap((mountPoint) =>
    readdirSync(mountPoint)
      .filter((name) => name === "procview" || name.startsWith("procview-test"))
      .map((name) => `${mountPoint}/${name}`),
  );
}

function cgroupMounts(): string[] {
  return findHierarchies(new HostFiles()).map(({ mountPoint }) => mountPoint);
}

/** Fails where a mount, a cgroup or a process of ours is left, after giving the kernel a moment. */
export async function nothingLeft(): Promise<void> {
  const left = (): object => ({
    mounts: mountPoints(),
    cgroups: ourCgroups(),
    processes: pidsOf("procview", "file-system-process"),
  });
  const nothing = JSON.stringify({ mounts: [], cgroups: [], processes: [] });
  await until("nothing is left", () => JSON.stringify(left()) === nothing).catch(() =>
    assert.deepEqual(left(), JSON.parse(nothing)),
  );
}

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

const RUNC_CGROUP = "procview-test";

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

/** Another container of the same test may still be in it. */
export function removeIfUnused(cgroup: string): void {
  if (existsSync(cgroup) && readdirSync(cgroup, { withFileTypes: true }).every((entry) => !entry.isDirectory()))
    rmdirSync(cgroup);
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
