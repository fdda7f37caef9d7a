// A file system under measurement: its process in a cgroup of its own, its mount, and the end of both.
// This process never touches the mount: children do, each with a time limit.

import type { ChildProcessWithoutNullStreams } from "node:child_process";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { BenchCgroups, ServerCgroup } from "./cgroups.ts";
import { type Memory, memoryOf } from "./memory.ts";
import { ended, hasEnded, keepOutput, killAll, spawnIn } from "./processes.ts";

const START_LIMIT_MILLIS = 120_000;
const STOP_LIMIT_MILLIS = 5000;

export interface ServerCommand {
  name: string;
  /** The program and its arguments, given the directory to mount at and one for other files of its own. */
  command: (directory: string, scratch: string) => readonly string[];
  environment?: NodeJS.ProcessEnv;
}

export class Server {
  readonly directory: string;
  readonly #name: string;
  readonly #scratch: string;
  readonly #cgroup: ServerCgroup;
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #output: () => string;

  private constructor(cgroups: BenchCgroups, { name, command, environment }: ServerCommand) {
    this.#name = name;
    this.#scratch = mkdtempSync(join(tmpdir(), "procview-bench-"));
    this.directory = join(this.#scratch, "mount");
    mkdirSync(this.directory);
    this.#cgroup = cgroups.server(name);
    this.#child = spawnIn(this.#cgroup.directories, command(this.directory, this.#scratch), environment);
    this.#output = keepOutput(this.#child);
  }

  /** Starts it and waits for its mount. Throws with what it printed where it ends or does not mount. */
  static async start(cgroups: BenchCgroups, command: ServerCommand): Promise<Server> {
    const server = new Server(cgroups, command);
    for (const end = performance.now() + START_LIMIT_MILLIS; !server.#isMounted(); await sleep(20)) {
      if (!hasEnded(server.#child) && performance.now() < end) continue;
      await server.stop();
      throw new Error(`It did not mount: ${server.#output() || "it printed nothing"}`);
    }
    return server;
  }

  cpuNanos(): number {
    return this.#cgroup.cpuNanos();
  }

  memory(): Memory & { chargedBytes: number } {
    return { ...memoryOf(this.#cgroup.pids()), chargedBytes: this.#cgroup.chargedBytes() };
  }

  /** Which of these paths it serves; asked by a child. */
  serves(files: readonly string[]): string[] {
    const script = 'cd "$1" && shift && for file; do if [ -e "$file" ]; then echo "$file"; fi; done';
    const { status, stdout, stderr } = spawnSync("sh", ["-c", script, "sh", this.directory, ...files], {
      encoding: "utf8",
      timeout: START_LIMIT_MILLIS,
      killSignal: "SIGKILL",
    });
    if (status !== 0) throw new Error(`Cannot look into ${this.directory}: ${stderr}`);
    return stdout.split("\n").filter(Boolean);
  }

  /** Ends it, by force if it takes long, and removes its mount. */
  async stop(): Promise<void> {
    if (hasEnded(this.#child)) console.error(`${this.#name} had ended by itself: ${this.#output()}`);
    this.#child.kill("SIGTERM");
    await ended(this.#child, STOP_LIMIT_MILLIS);
    killAll(this.#cgroup.pids());
    await ended(this.#child, STOP_LIMIT_MILLIS);
    if (this.#isMounted()) spawnSync("umount", ["-l", this.directory], { timeout: STOP_LIMIT_MILLIS });
    // Not recursively: what is still mounted there must not be touched.
    rmdirSync(this.directory);
    rmSync(this.#scratch, { recursive: true });
  }

  #isMounted(): boolean {
    return readFileSync("/proc/self/mountinfo", "utf8").includes(` ${this.directory} `);
  }
}
