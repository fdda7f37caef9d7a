// procview explain: why a process sees what it sees - which rule found its container, which ancestor set each limit.

import { Command } from "commander";
import type { Limit } from "../../node-agent/cgroup/cgroup.ts";
import { readCpuQuota, readEffectiveCpus } from "../../node-agent/container/read-cpu.ts";
import { type MemoryLimits, readMemoryLimits } from "../../node-agent/container/read-memory-limits.ts";
import { formatCpuList } from "../../node-agent/procfs/cpu-list.ts";
import { write, writeJson } from "../output.ts";
import { addViewFlags, type ViewFlags, viewOptions } from "../server-flags.ts";
import { addSubjectFlags, rendererFor, type Subject, type SubjectFlags, subjectOf } from "../subject.ts";

export interface Explanation {
  pid: number;
  /** "host": the process sees the host's files, byte for byte. */
  container: "host" | { id: string; key: number; rule: string };
  /** Controller to cgroup, as "v1 /docker/..." */
  cgroups: Record<string, string>;
  memory?: {
    levels: { path: string; limitBytes: Limit }[];
    limitBytes: Limit;
    limitFrom?: string;
    swapLimitBytes?: Limit | "as used";
  };
  cpu?: {
    levels: { path: string; quotaMicros: Limit; periodMicros: number }[];
    quotaCpus: Limit;
    quotaFrom?: string;
    effectiveCpuset?: string;
    visible: string;
    capacity: number;
  };
  startedSecondsAfterBoot?: number;
}

export const explainCommand: Command = addViewFlags(
  addSubjectFlags(
    new Command("explain").description("tell which container a process is in, and where its limits come from"),
  ),
).action((flags: SubjectFlags & ViewFlags) => {
  const explanation = explain(subjectOf(flags), flags);
  if (flags.json) writeJson(explanation);
  else write(formatExplanation(explanation));
});

function explain({ pid, files, container }: Subject, flags: ViewFlags): Explanation {
  if (container === "host") return { pid, container, cgroups: {} };
  const { id, key, rule, cgroups } = container;
  const memory = cgroups.memory && readMemoryLimits(files, cgroups.memory, viewOptions(flags).memoryHigh);
  const quota = readCpuQuota(files, cgroups.cpu);
  const effectiveCpus = cgroups.cpuset && readEffectiveCpus(files, cgroups.cpuset);
  const renderer = rendererFor(files, viewOptions(flags));
  const visible = renderer.cpusOf(container);
  const start = renderer.startOf(container);
  return {
    pid,
    container: { id, key, rule },
    cgroups: Object.fromEntries(
      Object.entries(cgroups).map(([name, { version, path }]) => [name, `v${version} ${path}`]),
    ),
    ...(memory && { memory: explainMemory(memory) }),
    cpu: {
      levels: quota.levels.map(({ path, bandwidth }) => ({ path, ...bandwidth })),
      quotaCpus: quota.quotaCpus,
      ...levelOf(
        quota.levels,
        ({ bandwidth: { quotaMicros, periodMicros } }) => (quotaMicros === "max" ? "max" : quotaMicros / periodMicros),
        quota.quotaCpus,
        "quotaFrom",
      ),
      ...(effectiveCpus && { effectiveCpuset: formatCpuList(effectiveCpus) }),
      visible: formatCpuList(visible.cpus),
      capacity: visible.capacity,
    },
    ...(start === undefined ? {} : { startedSecondsAfterBoot: start.startTicks / 100 }),
  };
}

function explainMemory(memory: MemoryLimits): NonNullable<Explanation["memory"]> {
  const { levels, limitBytes, swapLimitBytes } = memory;
  return {
    levels: levels.map((level) => ({ path: level.path, limitBytes: level.limitBytes })),
    limitBytes,
    ...levelOf(levels, (level) => level.limitBytes, limitBytes, "limitFrom"),
    ...(swapLimitBytes === undefined ? {} : { swapLimitBytes }),
  };
}

/** The innermost level that sets the limit in force, under the given name; nothing where none does. */
function levelOf<Level extends { path: string }, Name extends string>(
  levels: readonly Level[],
  limitOf: (level: Level) => Limit,
  limit: Limit,
  name: Name,
): Partial<Record<Name, string>> {
  const level = limit === "max" ? undefined : levels.find((candidate) => limitOf(candidate) === limit);
  return (level === undefined ? {} : { [name]: level.path }) as Partial<Record<Name, string>>;
}

/** The explanation as lines of text. */
export function formatExplanation({
  pid,
  container,
  cgroups,
  memory,
  cpu,
  startedSecondsAfterBoot,
}: Explanation): string {
  if (container === "host") return `process ${pid} is of the host: it sees the host's files, byte for byte\n`;
  const lines = [
    `process ${pid} is in container ${container.id || "(unnamed)"} (key ${container.key}), by rule ${container.rule}`,
    "cgroups",
    ...Object.entries(cgroups).map(([name, path]) => `  ${name.padEnd(9)} ${path}`),
    ...(memory === undefined ? ["memory     not limited: no cgroup has the controller"] : memoryLines(memory)),
    ...(cpu === undefined ? [] : cpuLines(cpu)),
    ...(startedSecondsAfterBoot === undefined ? [] : [`started    ${startedSecondsAfterBoot} s after boot`]),
  ];
  return `${lines.join("\n")}\n`;
}

function memoryLines({ levels, limitBytes, limitFrom, swapLimitBytes }: NonNullable<Explanation["memory"]>): string[] {
  return [
    `memory     ${limitBytes === "max" ? "no limit" : `${limitBytes} bytes, set by ${limitFrom}`}`,
    ...levels.map((level) => `  ${level.path} ${level.limitBytes}`),
    ...(swapLimitBytes === undefined ? [] : [`swap       ${swapText(swapLimitBytes)}`]),
  ];
}

function swapText(limitBytes: Limit | "as used"): string {
  if (limitBytes === "max") return "no limit";
  return limitBytes === "as used" ? "no more than is swapped out" : `${limitBytes} bytes`;
}

function cpuLines(cpu: NonNullable<Explanation["cpu"]>): string[] {
  return [
    `cpu        ${cpu.quotaCpus === "max" ? "no quota" : `${cpu.quotaCpus} CPUs, set by ${cpu.quotaFrom}`}`,
    ...cpu.levels.map((level) => `  ${level.path} ${level.quotaMicros} ${level.periodMicros}`),
    `cpuset     ${cpu.effectiveCpuset ?? "none"}`,
    `shows      CPUs ${cpu.visible}, of which it may use ${cpu.capacity}`,
  ];
}
