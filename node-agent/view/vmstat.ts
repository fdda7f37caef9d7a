// /proc/vmstat of a container: what memory.stat and io.stat know, and 0 for events nobody counts per container.

import { parseFlatKeyed } from "../cgroup/cgroup.ts";
import type { DeviceIo } from "../cgroup/io-stat.ts";
import type { MemoryStat } from "../cgroup/memory-stat.ts";
import type { Vmstat } from "../procfs/vmstat.ts";
import type { MemoryView } from "./memory-view.ts";

const PAGE_BYTES = 4096;
const KIB = 1024;
const PAGE_KIB = PAGE_BYTES / KIB;

/** nr_* fields: pages, from bytes of memory.stat. */
const PAGES: Readonly<Record<string, readonly (keyof MemoryStat)[]>> = {
  nr_inactive_anon: ["inactiveAnon"],
  nr_active_anon: ["activeAnon"],
  nr_inactive_file: ["inactiveFile"],
  nr_active_file: ["activeFile"],
  nr_unevictable: ["unevictable"],
  nr_zone_inactive_anon: ["inactiveAnon"],
  nr_zone_active_anon: ["activeAnon"],
  nr_zone_inactive_file: ["inactiveFile"],
  nr_zone_active_file: ["activeFile"],
  nr_zone_unevictable: ["unevictable"],
  nr_anon_pages: ["anon"],
  nr_mapped: ["fileMapped"],
  nr_file_pages: ["file", "swapCached"],
  nr_dirty: ["fileDirty"],
  nr_writeback: ["fileWriteback"],
  nr_slab_reclaimable: ["slabReclaimable"],
  nr_slab_unreclaimable: ["slabUnreclaimable"],
  nr_page_table_pages: ["pagetables"],
  nr_sec_page_table_pages: ["secPagetables"],
  nr_shmem: ["shmem"],
  nr_swapcached: ["swapCached"],
};

/** Fields that count something other than pages of bytes that memory.stat has. */
const KIB_FIELDS: Readonly<Record<string, readonly (keyof MemoryStat)[]>> = { nr_kernel_stack: ["kernelStack"] };

export interface VmstatInputs {
  memory: MemoryView;
  stat: MemoryStat;
  /** As the kernel wrote it. */
  memoryStat: string;
  version: 1 | 2;
  io: readonly DeviceIo[];
}

/** Page counts agree with meminfo: a container without a limit sees the machine's. */
export function viewVmstat(host: Vmstat, inputs: VmstatInputs): Vmstat {
  // Events have the same name in memory.stat.
  const events = parseFlatKeyed(inputs.memoryStat);
  const prefix = inputs.version === 2 ? "" : "total_";
  const counts = pageCounts(inputs);
  return host.map(({ key, value }) => {
    if (!inputs.memory.limited && key.startsWith("nr_")) return { key, value };
    return { key, value: String(Math.floor(counts.get(key) ?? events.get(prefix + key) ?? 0)) };
  });
}

function pageCounts({ memory, stat, io }: VmstatInputs): Map<string, number> {
  const bytes = (fields: readonly (keyof MemoryStat)[]): number =>
    fields.reduce((sum, field) => sum + (stat[field] ?? 0), 0);
  return new Map([
    ["nr_free_pages", memory.freeKib / PAGE_KIB],
    ["pgpgin", io.reduce((sum, { readBytes }) => sum + readBytes, 0) / KIB],
    ["pgpgout", io.reduce((sum, { writtenBytes }) => sum + writtenBytes, 0) / KIB],
    ...Object.entries(PAGES).map(([key, fields]) => [key, bytes(fields) / PAGE_BYTES] as const),
    ...Object.entries(KIB_FIELDS).map(([key, fields]) => [key, bytes(fields) / KIB] as const),
  ]);
}
