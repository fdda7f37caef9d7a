// Agents of tests: started over a root of their own, killed in every way, and all that they leave taken away at the end.

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmdirSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { agentPaths } from "../../node-agent/agent/agent-options.ts";
import { keeperCgroups } from "../../node-agent/agent/keeper-cgroups.ts";
import { type Mount, parseMountinfo } from "../../node-agent/procfs/mountinfo.ts";
import { entering, type TestCgroup } from "./cgroups.ts";
import { pidsOf, runProgram, SLOWNESS, TEST_NAME, until } from "./harness.ts";

const PROGRAM = new URL("../../cli/procview.js", import.meta.url).pathname;
export const KEEPER_CGROUP: string = `${TEST_NAME}-keeper`;

export interface TestAgent {
  process: ChildProcess;
  pid: number;
  log(): string;
  /** What a path of its server answers. */
  ask(path: string): Promise<{ status: number; text: string }>;
}

export class AgentRoot implements AsyncDisposable {
  readonly directory: string = mkdtempSync(join(tmpdir(), "procview-agent-"));
  readonly mountPoint: string = agentPaths(this.directory).mountPoint;
  readonly #agents: TestAgent[] = [];
  readonly #prefix: readonly string[];

  /** `prefix` stands before commands that use the network, such as nsenter(1) and its options. */
  constructor(prefix: readonly string[] = []) {
    this.#prefix = prefix;
  }

  /** Starts an agent, in a cgroup if it is told one; returns at once. */
  launch(flags: readonly string[], cgroup?: TestCgroup, env: NodeJS.ProcessEnv = {}): TestAgent {
    const own = ["--root", this.directory, "--listen", "127.0.0.1:0", "--keeper-cgroup", KEEPER_CGROUP];
    const command = [...this.#prefix, process.execPath, PROGRAM, "agent", ...own, ...flags];
    const script = `${entering(cgroup?.directories ?? [])}\nexec "$@"`;
    const child = spawn("sh", ["-c", script, "sh", ...command], {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, ...env },
    });
    let log = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (chunk: Buffer) => {
        log += chunk.toString();
      });
    }
    const agent: TestAgent = {
      process: child,
      pid: child.pid as number,
      log: () => log,
      ask: async (path) => {
        const listen = /"listen":"([^"]+)"/.exec(log)?.[1];
        const url = `http://${listen}${path}`;
        if (this.#prefix.length > 0) return askedFrom(this.#prefix, url);
        const response = await fetch(url, { signal: AbortSignal.timeout(10_000 * SLOWNESS) });
        return { status: response.status, text: await response.text() };
      },
    };
    this.#agents.push(agent);
    return agent;
  }

  /** Starts one and waits until it serves. */
  async start(flags: readonly string[] = [], cgroup?: TestCgroup, env?: NodeJS.ProcessEnv): Promise<TestAgent> {
    const agent = this.launch(flags, cgroup, env);
    await this.serves(agent);
    return agent;
  }

  async serves(agent: TestAgent): Promise<void> {
    const { process: child } = agent;
    const ended = (): boolean => child.exitCode !== null || child.signalCode !== null;
    try {
      await until("the agent serves", () => said(agent, "serving") || ended());
    } catch (error) {
      throw new Error(agent.log(), { cause: error });
    }
    assert.ok(said(agent, "serving"), `${child.exitCode ?? child.signalCode ?? "runs"}: ${agent.log()}`);
  }

  /** "MAJOR:MINOR" of what is mounted; undefined for nothing. */
  device(): string | undefined {
    return this.#mounted().at(-1)?.device;
  }

  /** How many mounts are there, one upon the other. */
  mounts(): number {
    return this.#mounted().length;
  }

  #mounted(): Mount[] {
    const mounts = parseMountinfo(readFileSync("/proc/self/mountinfo", "utf8"));
    return mounts.filter(({ mountPoint }) => mountPoint === this.mountPoint);
  }

  /** Processes that answer the kernel for this root: those that hold a lease on its keeper, or began with one. */
  servers(): number[] {
    const agents = new Set(this.#agents.map(({ pid }) => pid));
    return pidsOf("file-system-process").filter((pid) => agents.has(sessionParent(pid)) || this.#orphans.has(pid));
  }

  /** The server of an agent; remembered, so that it is found when the agent is gone. */
  server(agent: TestAgent): number {
    const pid = pidsOf("file-system-process").find((candidate) => sessionParent(candidate) === agent.pid);
    assert.ok(pid !== undefined, `no server: ${agent.log()}`);
    this.#orphans.add(pid);
    return pid;
  }

  /** What the keeper says of itself, such as { "stands-in": 1 }. */
  async keeperStatus(): Promise<Record<string, number>> {
    const socket = connect(agentPaths(this.directory).keeperSocket);
    socket.end("status\n");
    let text = "";
    for await (const chunk of socket) text += String(chunk);
    return Object.fromEntries([...text.matchAll(/(\S+)=(\d+)/g)].map(([, name, value]) => [name, Number(value)]));
  }

  keeperPids(): number[] {
    return pidsOf(agentPaths(this.directory).keeperSocket);
  }

  readonly #orphans = new Set<number>();

  async [Symbol.asyncDispose](): Promise<void> {
    // A server is known by its agent: once that is gone it would serve on, with whatever pipe it has of the test's.
    for (const pid of this.servers()) this.#orphans.add(pid);
    for (const pid of [...this.#agents.map((agent) => agent.pid), ...this.#orphans]) kill(pid);
    for (const { process: child } of this.#agents) {
      if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
    }
    for (const pid of [...this.servers(), ...this.keeperPids()]) kill(pid);
    while (this.device() !== undefined) runProgram("umount", ["-l", this.mountPoint]);
    await until("its processes are gone", () => this.servers().length + this.keeperPids().length === 0);
    for (const cgroup of keeperCgroups(KEEPER_CGROUP)) if (existsSync(cgroup)) rmdirSync(cgroup);
    rmSync(this.directory, { recursive: true, force: true });
  }
}

function askedFrom(prefix: readonly string[], url: string): { status: number; text: string } {
  const [file = "", ...args] = [...prefix, "curl", "-s", "-w", "\n%{http_code}", url];
  const { stdout } = runProgram(file, args);
  const at = stdout.lastIndexOf("\n");
  return { status: Number(stdout.slice(at + 1)), text: stdout.slice(0, at) };
}

export function said(agent: TestAgent, message: string): boolean {
  return agent.log().includes(`"msg":"${message}"`);
}

export function kill(pid: number, signal: NodeJS.Signals = "SIGKILL"): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended meanwhile.
  }
}

function sessionParent(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
  } catch {
    return 0;
  }
}

/** Resident kibibytes of a process. */
export function residentKib(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0);
}

/** What stands in the cgroup directories of a process: of which cgroups it is. */
export function cgroupsOf(pid: number): string {
  return readFileSync(`/proc/${pid}/cgroup`, "utf8");
}
