// Many containers that poll: what that costs the server of each side.

import type { BenchCgroups } from "./machine/cgroups.ts";
import { machineFacts } from "./machine/facts.ts";
import { PollClient } from "./machine/poll-client.ts";
import type { ScaleResults, ScaleRow } from "./report/results.ts";
import { turns } from "./report/schedule.ts";
import { medians } from "./report/statistics.ts";
import { type RunningSide, startSides } from "./sides/running-sides.ts";
import type { Side } from "./sides/side.ts";

const CONTAINER_LIMITS = { memoryBytes: 64 * 2 ** 20, cpus: 0.5 };

export interface ScalePlan {
  files: readonly string[];
  containerCounts: readonly number[];
  rounds: number;
  seconds: number;
  warmupSeconds: number;
}

export async function measureScale(
  plan: ScalePlan,
  program: string,
  cgroups: BenchCgroups,
  sides: readonly Side[],
): Promise<ScaleResults> {
  const machine = machineFacts();
  const containers: string[][] = [];
  const rows: ScaleRow[] = [];
  let facts: ScaleResults["sides"] = [];
  for (const count of plan.containerCounts) {
    while (containers.length < count) containers.push(cgroups.container(CONTAINER_LIMITS));
    // New servers for each number of containers: memory is that of a server that never had more.
    await using started = await startSides(sides, cgroups, plan.files);
    facts = [...started.facts];
    const measured = new Map<RunningSide, ScaleRow[]>();
    for (let round = 0; round < plan.rounds; round += 1) {
      for (const side of turns(started.running, round)) {
        console.error(`${count} containers, round ${round + 1} of ${plan.rounds}: ${side.name}`);
        const row = await measureOnce(plan, program, side, containers.slice(0, count));
        measured.set(side, [...(measured.get(side) ?? []), row]);
      }
    }
    for (const own of measured.values()) rows.push({ ...(own[0] as ScaleRow), ...numbersOf(own) });
  }
  const { rounds, seconds, files } = plan;
  return { machine, rounds, seconds, files: [...files], sides: facts, rows };
}

async function measureOnce(
  plan: ScalePlan,
  program: string,
  { name, server, files }: RunningSide,
  containers: readonly (readonly string[])[],
): Promise<ScaleRow> {
  if (server === undefined) throw new Error(`${name} has no server to measure`);
  const client = await PollClient.start(program, server.directory, containers, files);
  try {
    await client.poll(plan.warmupSeconds);
    const before = server.cpuNanos();
    const answer = await client.poll(plan.seconds);
    const cpuNanos = server.cpuNanos() - before;
    if (answer.failed > 0) console.error(`${name}: ${answer.failed} reads failed: ${answer.error}`);
    return {
      side: name,
      containers: containers.length,
      cpuPercent: (100 * cpuNanos) / answer.elapsedNanos,
      ...server.memory(),
      reads: answer.reads,
      expectedReads: containers.length * files.length * plan.seconds,
      failedReads: answer.failed,
      latePolls: answer.latePolls,
      p50Nanos: answer.p50Nanos,
      p99Nanos: answer.p99Nanos,
    };
  } finally {
    await client.end();
  }
}

/** The medians, but failures and delays of all rounds together: none is forgiven because others went well. */
function numbersOf(rows: readonly ScaleRow[]): Omit<ScaleRow, "side"> {
  const sum = (field: "failedReads" | "latePolls"): number => rows.reduce((total, row) => total + row[field], 0);
  const numbers = medians(rows.map(({ side: _side, ...rest }) => rest));
  return { ...numbers, failedReads: sum("failedReads"), latePolls: sum("latePolls") };
}
