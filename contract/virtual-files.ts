// THE table of what the file system serves: paths, node indices, and what the README says of each file.
// `index` is the low part of a FUSE node id that bind mounts keep for as long as they live, also across upgrades:
// never renumber, never reuse, only append.

/**
 * How long a rendering stays true: "sampled" changes all the time, "limits" only when limits or hardware change, "load" when
 * threads are counted, "swap" all the time where the machine has swap, else as limits do.
 */
export type Freshness = "sampled" | "limits" | "load" | "swap";

export interface VirtualFile {
  /** Below the root of the tree, which is also its path in a container. */
  path: string;
  index: number;
  freshness: Freshness;
  permissions: number;
  /** Who can put it into a container: runc and containerd accept it as a volume, or only the agent attaches it. */
  placedBy: "runtime" | "attach";
  /** For the README: fields that show the container, fields that pass through, and where the numbers come from. */
  shows: string;
  passes: string;
  source: string;
  since: string;
}

export interface VirtualDirectory {
  path: string;
  index: number;
}

/** Directories of a view: of what one container sees, or the host. */
export const VIRTUAL_DIRECTORIES = [
  { path: "", index: 13 },
  { path: "proc", index: 2 },
  { path: "proc/pressure", index: 3 },
  { path: "sys", index: 4 },
  { path: "sys/devices", index: 5 },
  { path: "sys/devices/system", index: 6 },
  { path: "sys/devices/system/cpu", index: 7 },
  { path: "sys/devices/system/cpu/smt", index: 8 },
  { path: "sys/devices/system/cpu/vulnerabilities", index: 9 },
] as const satisfies readonly VirtualDirectory[];

export const ROOT_INDEX = 1;

/** `containers/KEY/` is the view of the container of that key, whoever looks. Only root may list them. */
export const CONTAINERS_DIRECTORY = { name: "containers", index: 10, permissions: 0o511 } as const;

/** The view of the host. */
export const HOST_DIRECTORY = { name: "host", index: 13 } as const;

/** Symbolic links at the root: each reader is led to its own view (docs/adr/0014). */
export const OWN_LINKS = [
  { name: "proc", index: 11 },
  { name: "sys", index: 12 },
] as const;

const PUBLIC = 0o444;
const ROOT_ONLY = 0o400;

export const VIRTUAL_FILES = [
  {
    path: "proc/cpuinfo",
    index: 32,
    freshness: "limits",
    permissions: PUBLIC,
    placedBy: "runtime",
    shows: "only the visible CPUs; siblings, cpu cores",
    passes: "model, flags, MHz, cache and all else of each CPU",
    source: "cpu.max, cpuset.cpus.effective",
    since: "0.1.0",
  },
  {
    path: "proc/diskstats",
    index: 33,
    freshness: "sampled",
    permissions: PUBLIC,
    placedBy: "runtime",
    shows: "devices the container has used, its reads, writes and discards",
    passes: "nothing",
    source: "io.stat, blkio.throttle.io_serviced, blkio.throttle.io_service_bytes",
    since: "0.1.0",
  },
  {
    path: "proc/loadavg",
    index: 34,
    freshness: "load",
    permissions: PUBLIC,
    placedBy: "runtime",
    shows: "load over 1, 5 and 15 minutes, running and existing threads, last pid of the container",
    passes: "nothing",
    source: "cgroup.threads, tasks, /proc/TID/stat",
    since: "0.1.0",
  },
  {
    path: "proc/meminfo",
    index: 35,
    freshness: "sampled",
    permissions: PUBLIC,
    placedBy: "runtime",
    shows: "every quantity of memory and swap that a cgroup accounts for",
    passes: "Vmalloc*, DirectMap*, Hugepagesize, HardwareCorrupted and fields this version does not know",
    source: "memory.max, memory.current, memory.stat, memory.swap.*, hugetlb.*",
    since: "0.1.0",
  },
  {
    path: "proc/partitions",
    index: 36,
    freshness: "sampled",
    permissions: PUBLIC,
    placedBy: "attach",
    shows: "disks the container has used",
    passes: "their size and name",
    source: "io.stat, blkio.throttle.io_serviced, devices.list",
    since: "0.1.0",
  },
  {
    path: "proc/slabinfo",
    index: 37,
    freshness: "sampled",
    permissions: ROOT_ONLY,
    placedBy: "runtime",
    shows: "the container's own caches where the kernel knows them, else the header alone",
    passes: "nothing",
    source: "memory.kmem.slabinfo",
    since: "0.1.0",
  },
  {
    path: "proc/stat",
    index: 38,
    freshness: "sampled",
    permissions: PUBLIC,
    placedBy: "runtime",
    shows: "CPU time of the container on its visible CPUs, running and blocked threads",
    passes: "btime",
    source: "cpu.stat, cpuacct.stat, cpu.max, cpuset.cpus.effective",
    since: "0.1.0",
  },
  {
    path: "proc/swaps",
    index: 39,
    freshness: "swap",
    permissions: PUBLIC,
    placedBy: "runtime",
    shows: "one virtual swap area of the size the container may use",
    passes: "nothing",
    source: "memory.swap.max, memory.swap.current, memory.memsw.limit_in_bytes",
    since: "0.1.0",
  },
  {
    path: "proc/uptime",
    index: 40,
    freshness: "sampled",
    permissions: PUBLIC,
    placedBy: "runtime",
    shows: "seconds since the container started, idle seconds of its CPUs",
    passes: "nothing",
    source: "/proc/PID/stat, cpu.stat, cpuacct.usage",
    since: "0.1.0",
  },
  {
    path: "proc/vmstat",
    index: 41,
    freshness: "sampled",
    permissions: PUBLIC,
    placedBy: "attach",
    shows: "page counts and events that memory.stat knows; 0 for the rest",
    passes: "nothing",
    source: "memory.stat, io.stat",
    since: "0.1.0",
  },
  {
    path: "proc/pressure/cpu",
    index: 42,
    freshness: "sampled",
    permissions: PUBLIC,
    placedBy: "attach",
    shows: "the container's own pressure (cgroup v2)",
    passes: "the host's on cgroup v1, where no cgroup has any",
    source: "cpu.pressure",
    since: "0.1.0",
  },
  {
    path: "proc/pressure/io",
    index: 43,
    freshness: "sampled",
    permissions: PUBLIC,
    placedBy: "attach",
    shows: "the container's own pressure (cgroup v2)",
    passes: "the host's on cgroup v1, where no cgroup has any",
    source: "io.pressure",
    since: "0.1.0",
  },
  {
    path: "proc/pressure/memory",
    index: 44,
    freshness: "sampled",
    permissions: PUBLIC,
    placedBy: "attach",
    shows: "the container's own pressure (cgroup v2)",
    passes: "the host's on cgroup v1, where no cgroup has any",
    source: "memory.pressure",
    since: "0.1.0",
  },
] as const satisfies readonly VirtualFile[];

export type VirtualFilePath = (typeof VIRTUAL_FILES)[number]["path"];
