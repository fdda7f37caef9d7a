// Reads what the memory controller says of a container, with the limits of its ancestors.
// v2: cgroup-v2.rst "Memory"; v1: cgroup-v1/memory.rst.

import { type Cgroup, directoryOf, type Limit, lineage, minLimit, parseLimit } from "../cgroup/cgroup.ts";
import { type MemoryStat, parseMemoryStat } from "../cgroup/memory-stat.ts";
import type { HostFiles } from "../host/host-files.ts";

export interface MemoryLevel {
  path: string;
  limitBytes: Limit;
  usageBytes: number;
}

export interface ContainerMemory {
  /** The container's cgroup first, its ancestors after it; only those the controller is on for. */
  levels: readonly MemoryLevel[];
  /** The smallest limit of all levels. */
  limitBytes: Limit;
  usageBytes: number;
  /** What is left below the tightest limit of any level, the others in it counted: "max" without a limit. */
  headroomBytes: Limit;
  /** Swap the container may use; undefined where the kernel does not account for swap. */
  swapLimitBytes?: Limit;
  swapUsageBytes?: number;
  stat: MemoryStat;
  /** memory.stat as the kernel wrote it: events that vmstat shows under the same names. */
  statText: string;
  version: 1 | 2;
}

interface Names {
  limit: string;
  high?: string;
  usage: string;
}

const NAMES: Record<1 | 2, Names> = {
  1: { limit: "memory.limit_in_bytes", usage: "memory.usage_in_bytes" },
  2: { limit: "memory.max", high: "memory.high", usage: "memory.current" },
};

/**
 * With `memoryHigh`, memory.high (v2) counts as a limit as memory.max does: above it the kernel throttles and reclaims.
 * Undefined where no cgroup on the way up has the memory controller. Throws HostFileError, or what a vanished cgroup gives.
 */
export function readMemory(files: HostFiles, cgroup: Cgroup, memoryHigh: boolean): ContainerMemory | undefined {
  const levels: MemoryLevel[] = [];
  let own: Cgroup | undefined;
  for (const level of lineage(cgroup)) {
    const found = readLevel(files, level, memoryHigh);
    if (found === undefined) continue;
    own ??= level;
    levels.push(found);
  }
  const first = levels[0];
  if (own === undefined || first === undefined) return undefined;
  const statText = files.text(`${directoryOf(own)}/memory.stat`);
  const stat = parseMemoryStat(statText, own.version);
  return {
    levels,
    limitBytes: levels.map(({ limitBytes }) => limitBytes).reduce(minLimit),
    usageBytes: first.usageBytes,
    headroomBytes: levels.map(headroom).reduce(minLimit),
    ...(own.version === 2 ? readSwapV2(files, own) : readSwapV1(files, own, stat)),
    stat,
    statText,
    version: own.version,
  };
}

function readLevel(files: HostFiles, cgroup: Cgroup, memoryHigh: boolean): MemoryLevel | undefined {
  const directory = directoryOf(cgroup);
  const names = NAMES[cgroup.version];
  const limit = files.textIfAny(`${directory}/${names.limit}`);
  const usage = files.textIfAny(`${directory}/${names.usage}`);
  if (limit === undefined || usage === undefined) return undefined;
  const high = memoryHigh && names.high ? files.textIfAny(`${directory}/${names.high}`) : undefined;
  return {
    path: cgroup.path,
    limitBytes: high === undefined ? parseLimit(limit) : minLimit(parseLimit(limit), parseLimit(high)),
    usageBytes: Number(usage),
  };
}

function headroom({ limitBytes, usageBytes }: MemoryLevel): Limit {
  return limitBytes === "max" ? "max" : Math.max(0, limitBytes - usageBytes);
}

type Swap = Pick<ContainerMemory, "swapLimitBytes" | "swapUsageBytes">;

function readSwapV2(files: HostFiles, own: Cgroup): Swap {
  const usage = files.textIfAny(`${directoryOf(own)}/memory.swap.current`);
  if (usage === undefined) return {};
  let limit: Limit = "max";
  for (const level of lineage(own)) {
    const text = files.textIfAny(`${directoryOf(level)}/memory.swap.max`);
    if (text !== undefined) limit = minLimit(limit, parseLimit(text));
  }
  return { swapLimitBytes: limit, swapUsageBytes: Number(usage) };
}

/**
 * v1 limits memory and swap together. Swap alone is the difference to the memory limit, level by level, which is what
 * `docker run --memory-swap` means. A container with swappiness 0 is not swapped: it may use what it uses.
 */
function readSwapV1(files: HostFiles, own: Cgroup, stat: MemoryStat): Swap {
  const usage = files.textIfAny(`${directoryOf(own)}/memory.memsw.usage_in_bytes`);
  if (usage === undefined) return {};
  const swapUsageBytes = stat.swap ?? 0;
  if (files.textIfAny(`${directoryOf(own)}/memory.swappiness`)?.trim() === "0") {
    return { swapLimitBytes: swapUsageBytes, swapUsageBytes };
  }
  let limit: Limit = "max";
  for (const level of lineage(own)) {
    const memsw = parseLimit(files.textIfAny(`${directoryOf(level)}/memory.memsw.limit_in_bytes`) ?? "");
    const memory = parseLimit(files.textIfAny(`${directoryOf(level)}/memory.limit_in_bytes`) ?? "");
    if (memsw !== "max") limit = minLimit(limit, Math.max(0, memsw - (memory === "max" ? 0 : memory)));
  }
  return { swapLimitBytes: limit, swapUsageBytes };
}
