// memory.stat under one set of names. v2 fields as cgroup-v2.rst, v1's hierarchical (total_) ones as cgroup-v1/memory.rst.

/** Bytes, and events where the name says so; undefined where the kernel does not account for it. */
export interface MemoryStat {
  anon?: number;
  file?: number;
  shmem?: number;
  fileMapped?: number;
  fileDirty?: number;
  fileWriteback?: number;
  swapCached?: number;
  swap?: number;
  anonThp?: number;
  fileThp?: number;
  shmemThp?: number;
  inactiveAnon?: number;
  activeAnon?: number;
  inactiveFile?: number;
  activeFile?: number;
  unevictable?: number;
  slabReclaimable?: number;
  slabUnreclaimable?: number;
  kernelStack?: number;
  pagetables?: number;
  secPagetables?: number;
  percpu?: number;
  vmalloc?: number;
  sock?: number;
  zswap?: number;
  zswapped?: number;
}

type Field = keyof MemoryStat;

const V2_NAMES: readonly (readonly [string, Field])[] = [
  ["anon", "anon"],
  ["file", "file"],
  ["shmem", "shmem"],
  ["file_mapped", "fileMapped"],
  ["file_dirty", "fileDirty"],
  ["file_writeback", "fileWriteback"],
  ["swapcached", "swapCached"],
  ["anon_thp", "anonThp"],
  ["file_thp", "fileThp"],
  ["shmem_thp", "shmemThp"],
  ["inactive_anon", "inactiveAnon"],
  ["active_anon", "activeAnon"],
  ["inactive_file", "inactiveFile"],
  ["active_file", "activeFile"],
  ["unevictable", "unevictable"],
  ["slab_reclaimable", "slabReclaimable"],
  ["slab_unreclaimable", "slabUnreclaimable"],
  ["kernel_stack", "kernelStack"],
  ["pagetables", "pagetables"],
  ["sec_pagetables", "secPagetables"],
  ["percpu", "percpu"],
  ["vmalloc", "vmalloc"],
  ["sock", "sock"],
  ["zswap", "zswap"],
  ["zswapped", "zswapped"],
];

const V1_NAMES: readonly (readonly [string, Field])[] = [
  ["total_rss", "anon"],
  ["total_cache", "file"],
  ["total_shmem", "shmem"],
  ["total_mapped_file", "fileMapped"],
  ["total_dirty", "fileDirty"],
  ["total_writeback", "fileWriteback"],
  ["total_swapcached", "swapCached"],
  ["total_swap", "swap"],
  ["total_rss_huge", "anonThp"],
  ["total_inactive_anon", "inactiveAnon"],
  ["total_active_anon", "activeAnon"],
  ["total_inactive_file", "inactiveFile"],
  ["total_active_file", "activeFile"],
  ["total_unevictable", "unevictable"],
];

const FIELDS: Readonly<Record<1 | 2, ReadonlyMap<string, Field>>> = { 1: new Map(V1_NAMES), 2: new Map(V2_NAMES) };

/** Normalises memory.stat of either version. */
export function parseMemoryStat(text: string, version: 1 | 2): MemoryStat {
  const fields = FIELDS[version];
  const stat: MemoryStat = {};
  for (let at = 0, end = text.indexOf("\n"); end >= 0; at = end + 1, end = text.indexOf("\n", at)) {
    const space = text.indexOf(" ", at);
    const field = fields.get(text.slice(at, space));
    if (field !== undefined) stat[field] = Number(text.slice(space + 1, end));
  }
  return stat;
}
