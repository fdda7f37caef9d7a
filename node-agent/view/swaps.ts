// /proc/swaps of a container: one area of the size it may use. Where nothing limits its swap, the host's areas.

import type { Meminfo } from "../procfs/meminfo.ts";
import type { Swaps } from "../procfs/swaps.ts";
import { type MemoryNumbers, viewMemory } from "./memory-view.ts";
import type { ViewOptions } from "./view-options.ts";

/** Same totals as in meminfo. */
export function viewSwaps(
  host: Swaps,
  hostMeminfo: Meminfo,
  memory: MemoryNumbers | undefined,
  options: ViewOptions,
): Swaps {
  if (!options.swap) return { header: host.header, areas: [] };
  const swap = memory && viewMemory(hostMeminfo, memory).swap;
  if (swap === undefined) return host;
  if (swap.totalKib === 0) return { header: host.header, areas: [] };
  const area = {
    filename: "none",
    type: "virtual",
    sizeKib: swap.totalKib,
    usedKib: swap.totalKib - swap.freeKib,
    priority: 0,
  };
  return { header: host.header, areas: [area] };
}
