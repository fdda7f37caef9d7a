// Many containers that poll: what that costs the server of each side.

import type { BenchCgroups } from "./machine/cgroups.ts";
import { machineFacts } from "./machine/facts.ts";
import { PollClient } from "./machine/poll-client.ts";
import type { Server } from "./machine/server.ts";
import type { ScaleResults, ScaleRow, SideFacts } from "./report/results.ts";
import { turns } from "./report/schedule.ts";
import { medians } from "./report/statistics.ts";
import { startSides } from "./sides/running-sides.ts";
import type { Side } from "./sides/side.ts";

const CONTAINER_LIMITS = { memoryBytes: 64 * 2 ** 20, cpus: 0.5 };

export interface ScalePlan {
  files: readonly string[];
  containerCounts: readonly number[];
  rounds: number;
  seconds: number;
  warmupSeconds: number;
}

interface Subject {
  name: string;
  server: Server;
  client: PollClient;
}

/**
 * A process in each container reads from one side, another from the other: what a server does for all containers of a
 * machine, whether or not they read, it does for as many as are counted. All are there from before the first measurement
 * to after the last.
 */
export async function measureScale(
  plan: ScalePlan,
  program: string,
  cgroups: BenchCgroups,
  sides: readonly Side[],
): Promise<ScaleResults> {
  const machine = machineFacts();
  const containers: string[][] = [];
  const rows: ScaleRow[] = [];
  let facts: readonly SideFacts[] = [];
  for (const count of plan.containerCounts) {
    // New servers for each number of containers: memory is that of a server that never had more.
    await using started = await startSides(sides, cgroups, plan.files);
    facts = started.facts;
    const subjects: Subject[] = [];
    while (containers.length < count) containers.push(cgroups.container(CONTAINER_LIMITS));
    try {
      for (const { name, server, files } of started.running) {
        if (server === undefined) throw new Error(`${name} has no server to measure`);
        console.error(`${count} containers: ${name}`);
        subjects.push({ name, server, client: await PollClient.start(program, server.directory, containers, files) });
      }
      rows.push(...(await measureRounds(plan, count, subjects)));
    } finally {
      for (const { client } of subjects) await client.end();
    }
  }
  const { rounds, seconds, files } = plan;
  return { machine, rounds, seconds, files: [...files], sides: [...facts], rows };
}

async function measureRounds(plan: ScalePlan, count: number, subjects: readonly Subject[]): Promise<ScaleRow[]> {
  for (const { client } of subjects) await client.poll(plan.warmupSeconds);
  const measured = new Map<string, ScaleRow[]>();
  for (let round = 0; round < plan.rounds; round += 1) {
    console.error(`${count} containers, round ${round + 1} of ${plan.rounds}`);
    for (const subject of turns(subjects, round)) {
      const row = await measureOnce(plan, count, subject);
      measured.set(subject.name, [...(measured.get(subject.name) ?? []), row]);
    }
  }
  return [...measured.values()].map((own) => ({ ...(own[0] as ScaleRow), ...numbersOf(own) }));
}

async function measureOnce(plan: ScalePlan, count: number, { name, server, client }: Subject): Promise<ScaleRow> {
  const before = server.cpuNanos();
  const answer = await client.poll(plan.seconds);
  const cpuNanos = server.cpuNanos() - before;
  if (answer.failed > 0) console.error(`${name}: ${answer.failed} reads failed: ${answer.error}`);
  return {
    side: name,
    containers: count,
    cpuPercent: (100 * cpuNanos) / answer.elapsedNanos,
    cpuNanosPerRead: cpuNanos / answer.reads,
    ...server.memory(),
    reads: answer.reads,
    expectedReads: count * plan.files.length * plan.seconds,
    failedReads: answer.failed,
    latePolls: answer.latePolls,
    p50Nanos: answer.p50Nanos,
    p99Nanos: answer.p99Nanos,
  };
}

/** The medians, but failures and delays of all rounds together: none is forgiven because others went well. */
function numbersOf(rows: readonly ScaleRow[]): Omit<ScaleRow, "side"> {
  const sum = (field: "failedReads" | "latePolls"): number => rows.reduce((total, row) => total + row[field], 0);
  const numbers = medians(rows.map(({ side: _side, ...rest }) => rest));
  return { ...numbers, failedReads: sum("failedReads"), latePolls: sum("latePolls") };
}
