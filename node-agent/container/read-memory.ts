// Reads what a container uses of its memory, under limits that are known (read-memory-limits.ts).

import { directoryOf, type Limit, minLimit } from "../cgroup/cgroup.ts";
import { type MemoryStat, parseMemoryStat } from "../cgroup/memory-stat.ts";
import type { HostFiles } from "../host/host-files.ts";
import type { MemoryLevel, MemoryLimits } from "./read-memory-limits.ts";

export interface ContainerMemory {
  /** The smallest limit of all levels. */
  limitBytes: Limit;
  /** What is left below the tightest limit of any level, the others in it counted: "max" without a limit. */
  headroomBytes: Limit;
  /** Swap the container may use; undefined where the kernel does not account for swap. */
  swapLimitBytes?: Limit;
  swapUsageBytes?: number;
  stat: MemoryStat;
  version: 1 | 2;
}

/** Throws HostFileError, also where the cgroup vanished. */
export function readMemory(files: HostFiles, limits: MemoryLimits): ContainerMemory {
  const { own, levels, limitBytes } = limits;
  const stat = parseMemoryStat(readMemoryStat(files, limits), own.version);
  return {
    limitBytes,
    headroomBytes: levels.map((level) => readHeadroom(files, level)).reduce(minLimit),
    ...readSwap(files, limits, stat),
    stat,
    version: own.version,
  };
}

/** memory.stat as the kernel wrote it. Throws HostFileError, also where the cgroup vanished. */
export function readMemoryStat(files: HostFiles, { own }: MemoryLimits): string {
  return files.text(`${directoryOf(own)}/memory.stat`);
}

function readHeadroom(files: HostFiles, { limitBytes, usageFile }: MemoryLevel): Limit {
  return limitBytes === "max" ? "max" : Math.max(0, limitBytes - Number(files.text(usageFile)));
}

function readSwap(
  files: HostFiles,
  { own, swapLimitBytes }: MemoryLimits,
  stat: MemoryStat,
): Pick<ContainerMemory, "swapLimitBytes" | "swapUsageBytes"> {
  if (swapLimitBytes === undefined) return {};
  const swapUsageBytes =
    own.version === 2 ? Number(files.text(`${directoryOf(own)}/memory.swap.current`)) : (stat.swap ?? 0);
  return { swapLimitBytes: swapLimitBytes === "as used" ? swapUsageBytes : swapLimitBytes, swapUsageBytes };
}
