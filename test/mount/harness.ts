// Real mounts, real cgroups, real containers: how tests make them and how they see that nothing is left.
// The test process never touches a mount itself: children do, each with a time limit.

import assert from "node:assert/strict";
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { findHierarchies } from "../../node-agent/container/hierarchies.ts";
import { HostFiles } from "../../node-agent/host/host-files.ts";

/** Cgroups of this test file, and its folder: others may be tested on this machine at the same time. */
export const TEST_NAME: string = `procview-test-${process.pid}`;
// Podman takes no path longer than 50 characters for its own.
const folder = mkdtempSync(join(tmpdir(), "pv-"));
// Tests also look from other users' eyes.
chmodSync(folder, 0o711);
process.env["TMPDIR"] = folder;
process.once("exit", () => rmSync(folder, { recursive: true }));

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

/** Mount points of procview in this mount namespace that this test file has made. */
export function mountPoints(): string[] {
  return readFileSync("/proc/self/mountinfo", "utf8")
    .split("\n")
    .filter((line) => line.includes(" - fuse.procview "))
    .map((line) => line.split(" ")[4] as string)
    .filter((mountPoint) => mountPoint.startsWith(folder));
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

/** Those of runs, and those that this test file makes. */
function ourCgroups(): string[] {
  return cgroupMounts().flatMap((mountPoint) =>
    readdirSync(mountPoint)
      .filter((name) => name === "procview" || name.startsWith(TEST_NAME))
      .map((name) => `${mountPoint}/${name}`),
  );
}

/** Servers that this test file, or what it started, has started. */
function ourServers(): number[] {
  return pidsOf("procview", "file-system-process").filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/environ`, "latin1").split("\0").includes(`TMPDIR=${folder}`);
    } catch {
      return false;
    }
  });
}

export function cgroupMounts(): string[] {
  return findHierarchies(new HostFiles()).map(({ mountPoint }) => mountPoint);
}

/** Fails where a mount, a cgroup or a process of ours is left, after giving the kernel a moment. */
export async function nothingLeft(): Promise<void> {
  const left = (): object => ({
    mounts: mountPoints(),
    cgroups: ourCgroups(),
    processes: ourServers(),
  });
  const nothing = JSON.stringify({ mounts: [], cgroups: [], processes: [] });
  await until("nothing is left", () => JSON.stringify(left()) === nothing).catch(() =>
    assert.deepEqual(left(), JSON.parse(nothing)),
  );
}

/** Another container of the same test may still be in it. */
export function removeIfUnused(cgroup: string): void {
  if (existsSync(cgroup) && readdirSync(cgroup, { withFileTypes: true }).every((entry) => !entry.isDirectory()))
    rmdirSync(cgroup);
}
