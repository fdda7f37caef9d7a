// What `status`, `remount` and their like print: containers, their files, and what became of them.

import type { ContainerName, ContainerNames } from "../contract/container-names.ts";
import type { ContainerReport } from "../node-agent/attach/round.ts";
import { write, writeJson } from "./output.ts";

export interface ContainerStatus {
  id: string;
  /** As its pod calls it; known where an agent watches pods. */
  name?: ContainerName;
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

export function statusOf(report: ContainerReport, names: ContainerNames = {}): ContainerStatus {
  const { container, subject, places: files, outcome, reason } = report;
  const { id, key, rule } = container;
  const name = names[id];
  const trouble = { ...(outcome && { outcome }), ...(reason && { reason }) };
  return { id, ...(name && { name }), key, rule, pid: subject.pid, ...trouble, files };
}

/** One line a container; files are counted by the word that `wordOf` has for each. */
export function formatContainers(
  containers: readonly ContainerStatus[],
  wordOf: (file: FileStatus) => string = ({ state }) => state,
): string {
  const lines = containers.map((container) => {
    const { rule, pid, outcome, files } = container;
    const words = new Map<string, string[]>();
    for (const file of files) words.set(wordOf(file), [...(words.get(wordOf(file)) ?? []), shortName(file)]);
    const counts = [...words].map(([word, names]) => `${word}: ${names.join(" ")}`);
    return [nameOf(container), rule, String(pid), [...(outcome ? [outcome] : []), ...counts].join("; ")];
  });
  return table([["CONTAINER", "RULE", "PID", "FILES"], ...lines]);
}

/** Of a container in a pod NAMESPACE/POD/CONTAINER, else the runtime's id. */
function nameOf({ id, name }: ContainerStatus): string {
  if (name !== undefined) return `${name.namespace}/${name.pod}/${name.container}`;
  return id.slice(0, 24) || "(unnamed)";
}

export function printOutcomes(reports: readonly ContainerReport[], json: boolean | undefined): void {
  const containers = reports.map((report) => statusOf(report));
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
