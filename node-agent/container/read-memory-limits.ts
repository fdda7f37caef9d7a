// The limits of memory and swap in force for a container: its own and those of its ancestors.
// v2: cgroup-v2.rst "Memory"; v1: cgroup-v1/memory.rst.

import { type Cgroup, directoryOf, type Limit, lineage, minLimit, parseLimit } from "../cgroup/cgroup.ts";
import type { HostFiles } from "../host/host-files.ts";

export interface MemoryLevel {
  path: string;
  limitBytes: Limit;
  /** The file that says how much of it is used. */
  usageFile: string;
}

export interface MemoryLimits {
  /** The innermost cgroup that the controller is on for. */
  own: Cgroup;
  /** That cgroup first, its ancestors after it; only those the controller is on for. */
  levels: readonly MemoryLevel[];
  /** The smallest limit of all levels. */
  limitBytes: Limit;
  /** Undefined where the kernel does not account for swap. "as used": what is swapped out may stay, no more may follow. */
  swapLimitBytes?: Limit | "as used";
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
 * Undefined where no cgroup on the way up has the memory controller.
 */
export function readMemoryLimits(files: HostFiles, cgroup: Cgroup, memoryHigh: boolean): MemoryLimits | undefined {
  const levels: MemoryLevel[] = [];
  let own: Cgroup | undefined;
  for (const level of lineage(cgroup)) {
    const found = readLevel(files, level, memoryHigh);
    if (found === undefined) continue;
    own ??= level;
    levels.push(found);
  }
  if (own === undefined) return undefined;
  const swapLimitBytes = own.version === 2 ? readSwapLimitV2(files, own) : readSwapLimitV1(files, own, levels);
  return {
    own,
    levels,
    limitBytes: levels.map(({ limitBytes }) => limitBytes).reduce(minLimit),
    ...(swapLimitBytes === undefined ? {} : { swapLimitBytes }),
  };
}

function readLevel(files: HostFiles, cgroup: Cgroup, memoryHigh: boolean): MemoryLevel | undefined {
  const directory = directoryOf(cgroup);
  const names = NAMES[cgroup.version];
  const limit = files.textIfAny(`${directory}/${names.limit}`);
  if (limit === undefined) return undefined;
  const high = memoryHigh && names.high ? files.textIfAny(`${directory}/${names.high}`) : undefined;
  return {
    path: cgroup.path,
    limitBytes: high === undefined ? parseLimit(limit) : minLimit(parseLimit(limit), parseLimit(high)),
    usageFile: `${directory}/${names.usage}`,
  };
}

function readSwapLimitV2(files: HostFiles, own: Cgroup): Limit | undefined {
  if (!files.has(`${directoryOf(own)}/memory.swap.current`)) return undefined;
  let limit: Limit = "max";
  for (const level of lineage(own)) {
    const text = files.textIfAny(`${directoryOf(level)}/memory.swap.max`);
    if (text !== undefined) limit = minLimit(limit, parseLimit(text));
  }
  return limit;
}

/**
 * v1 limits memory and swap together. Swap alone is the difference to the memory limit, level by level, which is what
 * `docker run --memory-swap` means. A container with swappiness 0 is not swapped: it may use what it uses.
 */
function readSwapLimitV1(
  files: HostFiles,
  own: Cgroup,
  levels: readonly MemoryLevel[],
): MemoryLimits["swapLimitBytes"] {
  if (!files.has(`${directoryOf(own)}/memory.memsw.usage_in_bytes`)) return undefined;
  if (files.textIfAny(`${directoryOf(own)}/memory.swappiness`)?.trim() === "0") return "as used";
  let limit: Limit = "max";
  for (const { path, limitBytes } of levels) {
    const directory = directoryOf({ ...own, path });
    const memsw = parseLimit(files.textIfAny(`${directory}/memory.memsw.limit_in_bytes`) ?? "");
    if (memsw !== "max") limit = minLimit(limit, Math.max(0, memsw - (limitBytes === "max" ? 0 : limitBytes)));
  }
  return limit;
}
