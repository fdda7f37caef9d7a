// What is served below /sys/devices/system/cpu, as of Documentation/ABI/testing/sysfs-devices-system-cpu and
// Documentation/admin-guide/cputopology.rst. Indices are parts of node ids: only append.

/**
 * What becomes of the host's bytes:
 * "list" a list of CPUs ("0-3,5") and "mask" a bitmap of CPUs, both narrowed to the visible CPUs;
 * "visible" the list of visible CPUs whatever the host's file holds; "none" an empty list; "host" the host's bytes;
 * "smt-active" whether two visible CPUs share a core.
 */
export type CpuFileKind = "list" | "mask" | "visible" | "none" | "host" | "smt-active";

export interface CpuFile {
  path: string;
  index: number;
  kind: CpuFileKind;
}

/** Files of the directory itself. */
export const CPU_FILES = [
  { path: "online", index: 64, kind: "visible" },
  { path: "possible", index: 65, kind: "visible" },
  { path: "present", index: 66, kind: "visible" },
  { path: "offline", index: 67, kind: "none" },
  { path: "isolated", index: 68, kind: "list" },
  { path: "kernel_max", index: 69, kind: "host" },
  { path: "enabled", index: 70, kind: "visible" },
  { path: "nohz_full", index: 71, kind: "list" },
  { path: "modalias", index: 72, kind: "host" },
  { path: "uevent", index: 73, kind: "host" },
  { path: "smt/active", index: 74, kind: "smt-active" },
  { path: "smt/control", index: 75, kind: "host" },
  ...[
    "gather_data_sampling",
    "ghostwrite",
    "indirect_target_selection",
    "itlb_multihit",
    "l1tf",
    "mds",
    "meltdown",
    "mmio_stale_data",
    "old_microcode",
    "reg_file_data_sampling",
    "retbleed",
    "spec_rstack_overflow",
    "spec_store_bypass",
    "spectre_v1",
    "spectre_v2",
    "srbds",
    "tsa",
    "tsx_async_abort",
    "vmscape",
  ].map((name, place) => ({ path: `vulnerabilities/${name}`, index: 96 + place, kind: "host" }) as const),
] as const satisfies readonly CpuFile[];

/** Node index of cpuN's own directory is CPU_NODE_BASE + N * CPU_NODE_STRIDE; its files and directories follow it. */
export const CPU_NODE_BASE = 4096;
export const CPU_NODE_STRIDE = 256;

const CACHE_INDICES = 10;
const CACHE_BASE = 64;
const CACHE_STRIDE = 16;

/** Directories below cpuN; `index` counts from cpuN's own. */
export const PER_CPU_DIRECTORIES: readonly { path: string; index: number }[] = [
  { path: "topology", index: 1 },
  { path: "cache", index: 2 },
  { path: "cpufreq", index: 3 },
  { path: "regs", index: 4 },
  { path: "regs/identification", index: 5 },
  ...Array.from({ length: CACHE_INDICES }, (_, cache) => ({
    path: `cache/index${cache}`,
    index: CACHE_BASE + cache * CACHE_STRIDE,
  })),
];

const CACHE_FILES: readonly (readonly [string, CpuFileKind])[] = [
  ["level", "host"],
  ["type", "host"],
  ["size", "host"],
  ["coherency_line_size", "host"],
  ["number_of_sets", "host"],
  ["physical_line_partition", "host"],
  ["ways_of_associativity", "host"],
  ["shared_cpu_list", "list"],
  ["shared_cpu_map", "mask"],
  ["id", "host"],
];

/** Files below cpuN; a file that the host's cpuN does not have does not exist. */
export const PER_CPU_FILES: readonly CpuFile[] = [
  { path: "online", index: 6, kind: "host" },
  { path: "cpu_capacity", index: 7, kind: "host" },
  { path: "uevent", index: 8, kind: "host" },
  { path: "topology/core_id", index: 16, kind: "host" },
  { path: "topology/cluster_id", index: 17, kind: "host" },
  { path: "topology/die_id", index: 18, kind: "host" },
  { path: "topology/physical_package_id", index: 19, kind: "host" },
  { path: "topology/book_id", index: 20, kind: "host" },
  { path: "topology/drawer_id", index: 21, kind: "host" },
  { path: "topology/core_cpus", index: 22, kind: "mask" },
  { path: "topology/core_cpus_list", index: 23, kind: "list" },
  { path: "topology/core_siblings", index: 24, kind: "mask" },
  { path: "topology/core_siblings_list", index: 25, kind: "list" },
  { path: "topology/cluster_cpus", index: 26, kind: "mask" },
  { path: "topology/cluster_cpus_list", index: 27, kind: "list" },
  { path: "topology/die_cpus", index: 28, kind: "mask" },
  { path: "topology/die_cpus_list", index: 29, kind: "list" },
  { path: "topology/package_cpus", index: 30, kind: "mask" },
  { path: "topology/package_cpus_list", index: 31, kind: "list" },
  { path: "topology/thread_siblings", index: 32, kind: "mask" },
  { path: "topology/thread_siblings_list", index: 33, kind: "list" },
  { path: "topology/book_siblings", index: 34, kind: "mask" },
  { path: "topology/book_siblings_list", index: 35, kind: "list" },
  { path: "topology/drawer_siblings", index: 36, kind: "mask" },
  { path: "topology/drawer_siblings_list", index: 37, kind: "list" },
  { path: "cpufreq/cpuinfo_max_freq", index: 48, kind: "host" },
  { path: "cpufreq/cpuinfo_min_freq", index: 49, kind: "host" },
  { path: "cpufreq/scaling_max_freq", index: 51, kind: "host" },
  { path: "cpufreq/scaling_min_freq", index: 52, kind: "host" },
  { path: "cpufreq/scaling_governor", index: 53, kind: "host" },
  { path: "cpufreq/scaling_driver", index: 54, kind: "host" },
  { path: "regs/identification/midr_el1", index: 56, kind: "host" },
  { path: "regs/identification/revidr_el1", index: 57, kind: "host" },
  ...Array.from({ length: CACHE_INDICES }, (_, cache) =>
    CACHE_FILES.map(([name, kind], place) => ({
      path: `cache/index${cache}/${name}`,
      index: CACHE_BASE + cache * CACHE_STRIDE + 1 + place,
      kind,
    })),
  ).flat(),
];
