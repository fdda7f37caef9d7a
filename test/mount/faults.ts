// What may happen to an agent and its file-system process, one row a fault: each leaves an agent that serves.

import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { type AgentRoot, kill, type TestAgent } from "./agents.ts";
import type { TestCgroup } from "./cgroups.ts";
import { SLOWNESS, until } from "./harness.ts";

export interface Stage {
  root: AgentRoot;
  agent: TestAgent;
  flags: readonly string[];
  cgroup: TestCgroup;
}

const HANG_TIMEOUT_MILLIS = 1000;
export const HANG_MILLIS: number = HANG_TIMEOUT_MILLIS * SLOWNESS;
/** How long a reader may wait, at most. */
export const STALL_MILLIS = 250;

/** Returns the agent that serves then. */
type Fault = (stage: Stage) => Promise<TestAgent>;

export interface NamedFault {
  name: string;
  inflict: Fault;
  /** How long a reader may wait, at most, in milliseconds. */
  stallMillis: number;
}

/** Called with the fault: that a server was replaced is in the agent's log later. */
async function replaced({ root, agent }: Stage, pid: number): Promise<TestAgent> {
  const replacements = (): number => agent.log().split("file-system process replaced").length;
  const before = replacements();
  try {
    await until("another server serves", () => replacements() > before && !root.servers().includes(pid));
  } catch (error) {
    throw new Error(agent.log(), { cause: error });
  }
  return agent;
}

function next({ root, flags, cgroup }: Stage): Promise<TestAgent> {
  return root.start(flags, cgroup);
}

export const FAULTS: readonly NamedFault[] = [
  {
    name: "kill -9 of the file-system process",
    stallMillis: STALL_MILLIS,
    inflict: (stage) => {
      const pid = stage.root.server(stage.agent);
      kill(pid);
      return replaced(stage, pid);
    },
  },
  {
    name: "SIGSTOP of the file-system process",
    stallMillis: HANG_TIMEOUT_MILLIS + STALL_MILLIS,
    inflict: (stage) => {
      const pid = stage.root.server(stage.agent);
      kill(pid, "SIGSTOP");
      return replaced(stage, pid);
    },
  },
  {
    name: "kill -9 of the agent",
    // Its server goes on until the next one is ready.
    stallMillis: STALL_MILLIS,
    inflict: async (stage) => {
      stage.root.server(stage.agent);
      kill(stage.agent.pid);
      await once(stage.agent.process, "exit");
      return next(stage);
    },
  },
  {
    name: "kill of everything in its cgroup, as when its pod is deleted",
    stallMillis: STALL_MILLIS,
    inflict: async (stage) => {
      const exited = once(stage.agent.process, "exit");
      for (const pid of stage.cgroup.pids()) kill(pid);
      await exited;
      return next(stage);
    },
  },
  {
    name: "out of memory: everything in its cgroup",
    stallMillis: STALL_MILLIS,
    inflict: async (stage) => {
      const exited = once(stage.agent.process, "exit");
      const hog = startHog(stage);
      await exited;
      await until("the server is gone", () => stage.root.servers().length === 0);
      hog();
      return next(stage);
    },
  },
  {
    name: "upgrade: another agent waits, this one is told to end",
    stallMillis: STALL_MILLIS,
    inflict: async (stage) => {
      const server = stage.root.server(stage.agent);
      const successor = stage.root.launch(stage.flags, stage.cgroup);
      await until("it waits", () => successor.log().includes("another agent serves"));
      const exited = once(stage.agent.process, "exit");
      kill(stage.agent.pid, "SIGTERM");
      await exited;
      // As when its pod is deleted.
      const left = stage.cgroup.pids().filter((pid) => pid === server);
      for (const pid of left) kill(pid);
      await stage.root.serves(successor);
      return successor;
    },
  },
];

/** Takes all memory of the cgroup, and is the last to be killed for it. Returns what ends it. */
function startHog({ cgroup }: Stage): () => void {
  for (const pid of cgroup.pids()) writeFileSync(`/proc/${pid}/oom_score_adj`, "1000");
  const program = "x = []\nwhile True: x.append(bytearray(1 << 20))";
  const pid = Number(cgroup.run(`python3 -c '${program}' >/dev/null 2>&1 & echo $!`));
  return () => kill(pid);
}

/** Long enough for a process to count as stable, which is not started with a delay; a delay is nothing where all is slow. */
export const settle = (): Promise<void> => sleep(1300 * Math.min(SLOWNESS, 3));
