// Containers of tests: namespaces by unshare(1), cgroups under any name, the files of a mount bound as a runtime does.
// runc cannot place a container under the names that other runtimes give.

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { entering, type TestCgroup } from "./cgroups.ts";
import { runProgram, until } from "./harness.ts";

export interface ContainerOptions {
  cgroup: TestCgroup;
  /** Where `procview mount` serves. */
  mount: string;
  /** What is bound over the kernel's own files, as paths below the mount. */
  files?: readonly string[];
  /** A shell command that its first process runs before all others. */
  first?: string;
  /** What its first process then becomes: words for the shell. */
  init?: string;
  /** What makes or joins the namespaces of the first process. */
  namespaces?: readonly string[];
}

export interface TestContainer extends AsyncDisposable {
  /** Of its first process, as the host numbers it. */
  pid: number;
  /** All that it has written. */
  said(): string;
  /** What a shell command prints that enters its namespaces and a cgroup, its own or one below: as `docker exec` does. */
  exec(script: string, cgroup?: TestCgroup): string;
  /** The same in the background, at the lowest priority: it ends with the container. */
  start(script: string, cgroup?: TestCgroup): ChildProcess;
  /** What a shell command prints that enters its mounts only, so that it counts for nothing there. */
  look(script: string): string;
}

export const OWN_NAMESPACES: readonly string[] = ["unshare", "--pid", "--fork", "--mount", "--mount-proc"];

/** Those of a container in another one. */
export function nestedIn({ pid }: TestContainer): readonly string[] {
  return ["nsenter", `--target=${pid}`, "--pid", "--mount", ...OWN_NAMESPACES];
}

/** Those of a container whose pid namespace is another one's: shareProcessNamespace. */
export function sharingPidsOf({ pid }: TestContainer): readonly string[] {
  return ["nsenter", `--target=${pid}`, "--pid", "unshare", "--mount", "--mount-proc"];
}

const READY = "ready\n";

/** Starts one; its processes are killed at the end of the scope. */
export async function startContainer(options: ContainerOptions): Promise<TestContainer> {
  const { cgroup, mount, files = ["proc/meminfo"], first = ":", init = "sleep 1000" } = options;
  const script = [
    entering(cgroup.directories),
    ...files.map((path) => `mount --bind '${mount}/${path}' '/${path}' || exit 1`),
    first,
    "echo ready",
    `exec ${init}`,
  ].join("\n");
  const [launcher, ...flags] = options.namespaces ?? OWN_NAMESPACES;
  const child = spawn(launcher as string, [...flags, "sh", "-c", script], { stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk: Buffer) => {
      output += chunk.toString();
    });
  }
  await until("the container runs", () => output.includes(READY) || child.exitCode !== null);
  assert.equal(child.exitCode, null, output);
  const [pid] = cgroup.pids();
  assert.ok(pid !== undefined, output);
  const inside = (command: string) => `exec nsenter --target=${pid} --pid --mount -- sh -c ${quoted(command)}`;
  return {
    pid,
    said: () => output.replace(READY, ""),
    exec: (command, entered = cgroup) => entered.run(inside(command)),
    start: (command, entered = cgroup) => {
      const work = `${entering(entered.directories)}\nrenice -n 19 $$ >&2\n${inside(command)}`;
      return spawn("sh", ["-c", work], { stdio: ["ignore", "pipe", "ignore"] });
    },
    look: (command) => {
      const { status, stdout, stderr } = runProgram("nsenter", [`--target=${pid}`, "--mount", "sh", "-c", command]);
      assert.equal(status, 0, `${command}: ${stderr}`);
      return stdout;
    },
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null) {
        const exited = once(child, "exit");
        kill(pid);
        await exited;
      }
      await until("its processes are gone", () => killed(cgroup));
    },
  };
}

/** Those it left in its cgroup: of no pid namespace of its own, or entered from outside. */
function killed(cgroup: TestCgroup): boolean {
  const left = cgroup.pids();
  for (const pid of left) kill(pid);
  return left.length === 0;
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has ended meanwhile.
  }
}

function quoted(script: string): string {
  return `'${script.replaceAll("'", "'\\''")}'`;
}
