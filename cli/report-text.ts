// What `status`, `remount` and their like print: containers, their files, and what became of them.

import type { ContainerReport } from "../node-agent/attach/round.ts";
import { write, writeJson } from "./output.ts";

export interface ContainerStatus {
  id: string;
  key: number;
  rule: string;
  pid: number;
  /** Set where it could not be visited. */
  outcome?: string;
  reason?: string;
  files: readonly FileStatus[];
}

export interface FileStatus {
  path: string;
  target: string;
  /** As it was found. */
  state: string;
  /** What became of it. */
  outcome?: string;
  reason?: string;
}

export function statusOf({ container, subject, places, outcome, reason }: ContainerReport): ContainerStatus {
  const { id, key, rule } = container;
  return { id, key, rule, pid: subject.pid, ...(outcome && { outcome }), ...(reason && { reason }), files: places };
}

/** One line a container; files are counted by the word that `wordOf` has for each. */
export function formatContainers(
  containers: readonly ContainerStatus[],
  wordOf: (file: FileStatus) => string = ({ state }) => state,
): string {
  const lines = containers.map((container) => {
    const { id, rule, pid, outcome, files } = container;
    const words = new Map<string, string[]>();
    for (const file of files) words.set(wordOf(file), [...(words.get(wordOf(file)) ?? []), shortName(file)]);
    const counts = [...words].map(([word, names]) => `${word}: ${names.join(" ")}`);
    return [id.slice(0, 24) || "(unnamed)", rule, String(pid), [...(outcome ? [outcome] : []), ...counts].join("; ")];
  });
  return table([["CONTAINER", "RULE", "PID", "FILES"], ...lines]);
}

export function printOutcomes(reports: readonly ContainerReport[], json: boolean | undefined): void {
  const containers = reports.map(statusOf);
  if (json) writeJson({ containers });
  else write(formatContainers(containers, ({ outcome, state }) => outcome ?? state));
}

function shortName({ path, target }: FileStatus): string {
  return target.endsWith(`/${path}`) ? path.replace(/^proc\//, "").replace("sys/devices/system/", "") : target;
}

function table(rows: readonly (readonly string[])[]): string {
  const width = (column: number): number => Math.max(...rows.map((row) => row[column]?.length ?? 0));
  const widths = [0, 1, 2].map(width);
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd();
  return `${rows.map(line).join("\n")}\n`;
}
