// How much memory and swap a container has, uses and can still get: what meminfo, swaps and vmstat agree on.

import { type Limit, minLimit } from "../cgroup/cgroup.ts";
import type { MemoryStat } from "../cgroup/memory-stat.ts";
import { type Meminfo, meminfoValue } from "../procfs/meminfo.ts";

export interface MemoryNumbers {
  limitBytes: Limit;
  headroomBytes: Limit;
  swapLimitBytes?: Limit;
  swapUsageBytes?: number;
  stat: MemoryStat;
}

export interface SwapView {
  totalKib: number;
  freeKib: number;
}

export interface MemoryView {
  /** False: no limit is below the machine's size, so the machine is what the container has. */
  limited: boolean;
  totalKib: number;
  freeKib: number;
  availableKib: number;
  /** Undefined: the kernel does not account for the container's swap, or nothing limits it. */
  swap?: SwapView;
}

const KIB = 1024;

export function kibOf(bytes: number | undefined): number {
  return Math.floor((bytes ?? 0) / KIB);
}

/**
 * Free is what is left below the tightest limit, siblings under the same parent counted; available adds what the kernel
 * can drop, as its own si_mem_available does. How full the machine is stays out of it: what free(1) calls used, total
 * minus available, must be the container's.
 */
export function viewMemory(host: Meminfo, memory: MemoryNumbers): MemoryView {
  const hostTotalKib = meminfoValue(host, "MemTotal") ?? 0;
  const { limitBytes, headroomBytes } = memory;
  const limited = limitBytes !== "max" && kibOf(limitBytes) < hostTotalKib;
  const swap = viewSwap(host, memory, limited);
  const withSwap = swap === undefined ? {} : { swap };
  if (!limited) {
    const freeKib = meminfoValue(host, "MemFree") ?? 0;
    const availableKib = meminfoValue(host, "MemAvailable") ?? freeKib;
    return { limited, totalKib: hostTotalKib, freeKib, availableKib, ...withSwap };
  }
  // Never 0: ps(1) divides by it.
  const totalKib = Math.max(1, kibOf(limitBytes));
  const { activeFile = 0, inactiveFile = 0, slabReclaimable = 0 } = memory.stat;
  const headroomKib = headroomBytes === "max" ? totalKib : kibOf(headroomBytes);
  const freeKib = Math.min(totalKib, headroomKib);
  const reclaimableKib = kibOf(activeFile + inactiveFile + slabReclaimable);
  const availableKib = Math.min(totalKib, headroomKib + reclaimableKib);
  return { limited, totalKib, freeKib, availableKib, ...withSwap };
}

/** A total below what is already swapped out is raised to it: the limit was lowered meanwhile. */
function viewSwap(host: Meminfo, memory: MemoryNumbers, limited: boolean): SwapView | undefined {
  const hostTotalKib = meminfoValue(host, "SwapTotal") ?? 0;
  const { swapLimitBytes, swapUsageBytes } = memory;
  if (swapLimitBytes === undefined || swapUsageBytes === undefined) return undefined;
  if (swapLimitBytes === "max" && !limited) return undefined;
  const usedKib = Math.min(kibOf(swapUsageBytes), hostTotalKib);
  const limit = minLimit(swapLimitBytes, hostTotalKib * KIB);
  const totalKib = Math.max(usedKib, kibOf(limit === "max" ? 0 : limit));
  return { totalKib, freeKib: totalKib - usedKib };
}
