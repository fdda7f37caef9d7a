// `npm run accuracy`: what tools show of a container's CPU, against what the kernel counted, through the files of procview
// and of lxcfs. Status 0 where procview's are all near enough, 1 where not, 2 where it could not be measured.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { findHierarchies } from "../node-agent/container/hierarchies.ts";
import { HostFiles } from "../node-agent/host/host-files.ts";
import { parseCpuList } from "../node-agent/procfs/cpu-list.ts";
import { casesOn, nameOf } from "./cases.ts";
import { circumstancesOf } from "./circumstances.ts";
import type { Machine } from "./container.ts";
import { documentOf } from "./document.ts";
import { startLxcfs } from "./lxcfs.ts";
import { type Bench, measureCase, type Row } from "./measure-case.ts";
import { parseOptions } from "./options.ts";
import { prepare } from "./packages.ts";
import { isWithin, rowsTable, summary } from "./report.ts";
import { TOOLS } from "./tools/table.ts";

const DOCUMENT = new URL("../docs/accuracy.md", import.meta.url);
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

// At once: an interrupted measurement may still be waiting for something.
process.exit(await main(process.argv.slice(2)).catch(failed));

async function main(args: readonly string[]): Promise<number> {
  const { seconds, only, write } = parseOptions(
    args,
    TOOLS.map(({ name }) => name),
  );
  const reason = prepare(TOOLS);
  if (reason !== undefined) {
    print(`Nothing was measured: ${reason}`);
    return 2;
  }
  const tools = TOOLS.filter(({ name }) => only === undefined || name === only);
  const hierarchies = findHierarchies(new HostFiles());
  const circumstances = await circumstancesOf(hierarchies, TOOLS, seconds);
  const rows = await measured((directory, resources) =>
    measureAll({ tools, seconds, hierarchies }, directory, resources),
  );
  const summaries = [summary(rows, "procview"), summary(rows, "lxcfs")];
  print([rowsTable(rows), ...summaries].join("\n\n"));
  if (write) writeFileSync(DOCUMENT, documentOf(rows, circumstances));
  return rows.every((row) => row.side !== "procview" || isWithin(row)) ? 0 : 1;
}

/** Whatever happens, nothing is left. */
async function measured(
  measure: (directory: string, resources: AsyncDisposableStack) => Promise<Row[]>,
): Promise<Row[]> {
  await using resources = new AsyncDisposableStack();
  const directory = mkdtempSync(`${tmpdir()}/procview-accuracy-`);
  resources.defer(() => rmSync(directory, { recursive: true }));
  const interrupted = new Promise<never>((_, reject) => {
    for (const signal of SIGNALS) process.once(signal, () => reject(new Error(`interrupted by ${signal}`)));
  });
  return await Promise.race([measure(directory, resources), interrupted]);
}

async function measureAll(
  { tools, seconds, hierarchies }: Pick<Bench, "tools" | "seconds"> & Pick<Machine, "hierarchies">,
  directory: string,
  resources: AsyncDisposableStack,
): Promise<Row[]> {
  const online = parseCpuList(readFileSync("/sys/devices/system/cpu/online", "latin1"));
  const bench: Bench = {
    machine: { hierarchies, onlineCount: online.length },
    tools,
    seconds,
    lxcfs: resources.use(await startLxcfs(directory)).directory,
    directory,
  };
  const cases = casesOn(online);
  const rows: Row[] = [];
  for (const [place, each] of cases.entries()) {
    note(`${place + 1}/${cases.length} ${nameOf(each.limits)}, load ${each.loadPercent} %`);
    rows.push(...(await measureCase(each, bench, resources)));
  }
  return rows;
}

function failed(error: Error): number {
  note(error.message);
  return 2;
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

function note(text: string): void {
  process.stderr.write(`${text}\n`);
}
