// Containers that do nothing but read all their files: test/mount/programs/steady-reader.c.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Readings, readingsOf, sumOf } from "../readings.ts";
import { kill } from "./agents.ts";
import type { TestCgroup, TestCgroups } from "./cgroups.ts";
import { SLOWNESS, until } from "./harness.ts";
import { startContainer, type TestContainer } from "./test-container.ts";

const SOURCE = new URL("./programs/steady-reader.c", import.meta.url).pathname;
const FILES = ["meminfo", "uptime", "stat", "loadavg", "cpuinfo", "swaps", "vmstat"].map((name) => `proc/${name}`);
const MIB = 2 ** 20;
const CHANGE_MILLIS = 30 * SLOWNESS;

export type Progress = Pick<Readings, "reads" | "longestMillis">;

export class SteadyReaders implements AsyncDisposable {
  readonly #folder = mkdtempSync(join(tmpdir(), "procview-steady-"));
  readonly #containers: TestContainer[] = [];
  readonly #cgroups: TestCgroups;
  readonly #changing: TestCgroup[] = [];
  #changes: NodeJS.Timeout | undefined;

  constructor(cgroups: TestCgroups) {
    this.#cgroups = cgroups;
    const built = spawnSync("cc", ["-O2", "-o", this.program, SOURCE], { encoding: "utf8" });
    assert.equal(built.status, 0, built.stderr);
  }

  get program(): string {
    return join(this.#folder, "steady-reader");
  }

  /** Starts containers of different sizes, which may be shown the host's files, or their own while limits are changing. */
  async start(count: number, mount: string, name: string, shown: "own" | "changing" | "host" = "own"): Promise<void> {
    for (let at = 0; at < count; at += 1) {
      const memoryMib = 64 + at;
      const id = `${name}${String(at).padStart(64 - name.length, "0")}`;
      const cgroup = this.#cgroups.make(`${this.#cgroups.root}/docker/${id}`, { memoryBytes: memoryMib * MIB });
      if (shown === "changing") this.#changing.push(cgroup);
      const files = FILES.filter((file) => existsSync(`/${file}`));
      const paths = files.map((file) => `/${file}`).join(" ");
      const init = `${this.program} ${shown} ${memoryMib * 1024} ${paths}`;
      this.#containers.push(await startContainer({ cgroup, mount, files, init }));
    }
    if (shown === "changing") this.#changeLimits();
  }

  /** One CPU and two by turns: files change in size. */
  #changeLimits(): void {
    let turns = 0;
    this.#changes = setInterval(() => {
      turns += 1;
      for (const cgroup of this.#changing) cgroup.set({ cpus: 1 + (turns % 2) });
    }, CHANGE_MILLIS);
  }

  /** How often each has read, and how long it waited for a reading at most. Fails where one does not come to the end of one. */
  async progress(): Promise<Progress[]> {
    const told = ({ said }: TestContainer): Progress[] =>
      [...said().matchAll(/^so far (\d+) (\d+)$/gm)].map(([, reads, longest]) => ({
        reads: Number(reads),
        longestMillis: Number(longest),
      }));
    const before = this.#containers.map((container) => told(container).length);
    for (const { pid } of this.#containers) kill(pid, "SIGUSR1");
    await until("every reader has read", () =>
      this.#containers.every((container, at) => told(container).length > (before[at] as number)),
    );
    return this.#containers.map((container) => told(container).at(-1) as Progress);
  }

  /** Ends them and adds up what they found. */
  async end(): Promise<Readings> {
    clearInterval(this.#changes);
    for (const { pid } of this.#containers) kill(pid, "SIGTERM");
    const found: Readings[] = [];
    for (const container of this.#containers) {
      await until("a reader tells what it found", () => readingsOf(container.said()) !== undefined);
      found.push(readingsOf(container.said()) as Readings);
    }
    for (const container of this.#containers.splice(0)) await container[Symbol.asyncDispose]();
    return sumOf(found);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#changes);
    for (const container of this.#containers) await container[Symbol.asyncDispose]();
    rmSync(this.#folder, { recursive: true });
  }
}
