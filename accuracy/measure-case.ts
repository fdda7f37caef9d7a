// One container under one load: the tools on both sides at once, over the same time.

import { setTimeout as sleep } from "node:timers/promises";
import { type Case, nameOf } from "./cases.ts";
import { outputOf } from "./children.ts";
import { type Container, type Machine, startContainer } from "./container.ts";
import { inside, lxcfsSide, procviewSide, type Side, type SideName } from "./sides.ts";
import { watchScreen } from "./terminal.ts";
import type { Place, Reading, Tool } from "./tools/tool.ts";
import { truthPercent } from "./usage-window.ts";

export interface Row {
  side: SideName;
  tool: string;
  container: string;
  loadPercent: number;
  /** A tool that failed has shown nothing. */
  result: { truthPercent: number; shownPercent: number } | { problem: string };
}

export interface Bench {
  machine: Machine;
  tools: readonly Tool[];
  seconds: number;
  /** Where lxcfs serves. */
  lxcfs: string;
  /** For sockets, and a home directory without anybody's settings. */
  directory: string;
}

/** How long the load runs before it is measured. */
const SETTLE_MILLIS = 500;

/** What it starts is ended with `resources`, at the latest. */
export async function measureCase(which: Case, bench: Bench, resources: AsyncDisposableStack): Promise<Row[]> {
  const container = resources.use(await startContainer(which, bench.machine));
  const sides = [procviewSide(container), await lxcfsSide(container, bench.lxcfs)];
  await sleep(SETTLE_MILLIS);
  const rows: Row[] = [];
  for (const tools of [bench.tools.filter(({ first }) => first), bench.tools.filter(({ first }) => !first)]) {
    const runs = tools.flatMap((tool) => sides.map((side) => ({ side, tool })));
    const results = await Promise.all(runs.map(({ side, tool }) => resultOf(tool, container, side, bench)));
    for (const [place, { side, tool }] of runs.entries()) {
      rows.push({
        side: side.name,
        tool: tool.name,
        container: nameOf(which.limits),
        loadPercent: which.loadPercent,
        result: results[place] as Row["result"],
      });
    }
  }
  await container[Symbol.asyncDispose]();
  return rows;
}

async function resultOf(tool: Tool, container: Container, side: Side, bench: Bench): Promise<Row["result"]> {
  try {
    const reading = await tool.measure(placeOf(container, side, bench), bench.seconds);
    return { truthPercent: await truthOf(tool, reading, container), shownPercent: reading.shownPercent };
  } catch (error) {
    return { problem: (error as Error).message };
  }
}

async function truthOf(tool: Tool, { window }: Reading, { meter, share }: Container): Promise<number> {
  await meter.reach(window.toMillis);
  return truthPercent(meter.samples, window, tool.of === "share" ? share.capacity : share.visible);
}

function placeOf(container: Container, side: Side, { directory }: Bench): Place {
  const environment = ["env", `HOME=${directory}`, "LC_ALL=C", "TERM=screen"];
  const command = (argv: readonly string[]): string[] => inside(container, side, [...environment, ...argv]);
  return {
    command,
    output: (argv, limitMillis) => outputOf(command(argv), limitMillis),
    watch: (watch) => watchScreen(directory, { ...watch, argv: command(watch.argv) }),
    visible: container.share.visible,
    loadStartMillis: container.loadStartMillis,
  };
}
