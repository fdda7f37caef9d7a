// Reads of every file by every side, in turns.

import { setTimeout as sleep } from "node:timers/promises";
import type { BenchCgroups } from "./machine/cgroups.ts";
import { machineFacts } from "./machine/facts.ts";
import { ReadClient, ReadsFailed } from "./machine/read-client.ts";
import type { ReadResults, ReadRow } from "./report/results.ts";
import { turns } from "./report/schedule.ts";
import { medians } from "./report/statistics.ts";
import { type RunningSide, startSides } from "./sides/running-sides.ts";
import type { Side } from "./sides/side.ts";

/** For its first second procview keeps nothing of a container: its limits may not be written yet. */
const SETTLE_MILLIS = 1500;
const READER_COUNTS = [1, 4];
const CONTAINER_LIMITS = { memoryBytes: 256 * 2 ** 20, cpus: 2 };

export interface ReadsPlan {
  files: readonly string[];
  /** Those that count; one more before them does not. */
  rounds: number;
  windowMillis: number;
  warmupReads: number;
}

interface Subject extends RunningSide {
  client: ReadClient;
}

export async function measureReads(
  plan: ReadsPlan,
  program: string,
  cgroups: BenchCgroups,
  sides: readonly Side[],
): Promise<ReadResults> {
  const machine = machineFacts();
  await using started = await startSides(sides, cgroups, plan.files);
  const subjects: Subject[] = [];
  try {
    for (const side of started.running)
      subjects.push({ ...side, client: await enterContainer(side, program, cgroups) });
    await sleep(SETTLE_MILLIS);
    const measured = await measureRounds(plan, subjects);
    const { rounds, windowMillis, warmupReads } = plan;
    return { machine, rounds, windowMillis, warmupReads, sides: [...started.facts], ...measured };
  } finally {
    for (const { client } of subjects) await client.end();
  }
}

function enterContainer({ server, files }: RunningSide, program: string, cgroups: BenchCgroups): Promise<ReadClient> {
  return ReadClient.start(program, server?.directory ?? "-", cgroups.container(CONTAINER_LIMITS), files);
}

/** Measures in turns; a file that fails a side is left out for that side from then on. */
async function measureRounds(
  plan: ReadsPlan,
  subjects: readonly Subject[],
): Promise<Pick<ReadResults, "rows" | "failures">> {
  const kept = new Map<string, ReadRow[]>();
  const failures = new Map<string, string>();
  for (const { round, file, readers, subject } of schedule(plan, subjects)) {
    const place = JSON.stringify([file, subject.name]);
    if (failures.has(place)) continue;
    try {
      const row = await measureOnce(plan, subject, file, readers);
      const key = JSON.stringify([file, subject.name, readers]);
      if (round > 0) kept.set(key, [...(kept.get(key) ?? []), row]);
    } catch (error) {
      if (!(error instanceof ReadsFailed)) throw error;
      failures.set(place, `${subject.name}: ${error.message}`);
    }
  }
  const rows = [...kept.values()].map((each) => ({ ...(each[0] as ReadRow), ...numbersOf(each) }));
  return { rows, failures: [...failures.values()] };
}

/** Everything that is measured, in order. Round 0 is for warming up. */
function* schedule(plan: ReadsPlan, subjects: readonly Subject[]) {
  for (let round = 0; round <= plan.rounds; round += 1) {
    console.error(round === 0 ? "warming up" : `round ${round} of ${plan.rounds}`);
    for (const file of plan.files) {
      for (const readers of READER_COUNTS) {
        for (const subject of turns(subjects, round)) {
          if (subject.files.includes(file)) yield { round, file, readers, subject };
        }
      }
    }
  }
}

async function measureOnce(plan: ReadsPlan, { name, server, client }: Subject, file: string, readers: number) {
  const { windowMillis, warmupReads } = plan;
  const measured = await client.measure({ file, readers, windowMillis, warmupReads }, () => server?.cpuNanos());
  return { file, side: name, readers, ...measured, rssBytes: server?.memory().rssBytes ?? null };
}

/** The medians; names and the number of readers are the same in all rows. */
function numbersOf(rows: readonly ReadRow[]): Omit<ReadRow, "file" | "side" | "readers"> {
  return medians(rows.map(({ file: _file, side: _side, readers: _readers, ...numbers }) => numbers));
}
