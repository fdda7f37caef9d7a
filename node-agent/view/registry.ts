// THE table of views: for every virtual file which inputs it needs and how they become text. Pure: inputs are gathered
// by render/, which knows how to read each of them but not what any file says.

import { CPU_FILES, type CpuFileKind, PER_CPU_FILES } from "../../contract/cpu-files.ts";
import type { VirtualFilePath } from "../../contract/virtual-files.ts";
import type { DeviceIo } from "../cgroup/io-stat.ts";
import type { ContainerMemory } from "../container/read-memory.ts";
import type { ContainerStart } from "../container/read-start.ts";
import type { Cpuinfo } from "../procfs/cpuinfo.ts";
import { type DiskStat, formatDiskstats } from "../procfs/diskstats.ts";
import { formatLoadavg } from "../procfs/loadavg.ts";
import { formatMeminfo, type Meminfo } from "../procfs/meminfo.ts";
import { formatPartitions, type Partition } from "../procfs/partitions.ts";
import { formatSlabinfo } from "../procfs/slabinfo.ts";
import { type CpuStat, type CpuTicks, formatStat, type ProcStat } from "../procfs/stat.ts";
import { formatSwaps, type Swaps } from "../procfs/swaps.ts";
import { formatUptime, type Uptime } from "../procfs/uptime.ts";
import { formatVmstat, type Vmstat } from "../procfs/vmstat.ts";
import { viewCpuFile } from "./cpu-files.ts";
import { printCpuinfo } from "./cpuinfo.ts";
import { viewDiskstats, viewPartitions } from "./disks.ts";
import { type LoadSample, viewLoadavg } from "./loadavg.ts";
import { type HugetlbNumbers, viewMeminfo } from "./meminfo.ts";
import { viewMemory } from "./memory-view.ts";
import { viewStat } from "./stat.ts";
import { viewSwaps } from "./swaps.ts";
import { viewUptime } from "./uptime.ts";
import type { ViewOptions } from "./view-options.ts";
import type { VisibleCpus } from "./visible-cpus.ts";
import { viewVmstat } from "./vmstat.ts";

/** All that any view may ask for. Undefined is what this machine or this container does not have. */
export interface Inputs {
  /** For how long readers will be shown what is rendered now. */
  shownSeconds: number;
  /** The host's file of the same path, read where it is asked for. */
  hostText(): string;
  /** The host's cpuinfo as this container's processes, 32-bit or not, are told it. */
  hostCpuinfo: Cpuinfo;
  hostDiskstats: readonly DiskStat[];
  hostMeminfo: Meminfo;
  hostPartitions: readonly Partition[];
  hostStat: ProcStat;
  hostSwaps: Swaps;
  hostVmstat: Vmstat;
  hostUptime: Uptime;
  memory: ContainerMemory | undefined;
  /** memory.stat as the kernel wrote it: events that vmstat shows under the same names. */
  memoryStat: string;
  hugetlb: HugetlbNumbers | undefined;
  cpus: VisibleCpus;
  /** CPU time as ticks of the visible CPUs, told so far. */
  cpuTicks: { total: CpuTicks; cpus: readonly CpuStat[] };
  /** Undefined while the container has no process. */
  start: ContainerStart | undefined;
  load: LoadSample | undefined;
  io: readonly DeviceIo[];
  allowedDevices: readonly string[];
  /** The container's own file of cpu.pressure, io.pressure, memory.pressure. */
  pressure: string | undefined;
  /** memory.kmem.slabinfo. */
  slabinfo: string | undefined;
  /** The first lines of the host's slabinfo, where the container has none of its own. */
  slabinfoHeaders: readonly string[];
  /** thread_siblings_list of each visible CPU. */
  siblings: readonly string[];
}

export interface View {
  inputs: readonly (keyof Inputs)[];
  /** Bytes where that is cheaper to make. */
  render(inputs: Inputs, options: ViewOptions): string | Buffer;
}

/** The compiler sees to it that a view uses only the inputs it names. */
function view<Name extends keyof Inputs>(
  inputs: readonly Name[],
  render: (inputs: Pick<Inputs, Name>, options: ViewOptions) => string | Buffer,
): View {
  return { inputs, render };
}

const pressure = view(["hostText", "pressure"], ({ hostText, pressure: own }) => own ?? hostText());

const PROC_VIEWS: Record<VirtualFilePath, View> = {
  "proc/cpuinfo": view(["hostCpuinfo", "cpus"], ({ hostCpuinfo, cpus }) => printCpuinfo(hostCpuinfo, cpus)),
  "proc/diskstats": view(["hostDiskstats", "io", "allowedDevices"], ({ hostDiskstats, io, allowedDevices }) =>
    formatDiskstats(viewDiskstats(hostDiskstats, io, allowedDevices)),
  ),
  "proc/loadavg": view(["hostText", "load"], ({ hostText, load }, { loadavg }) =>
    loadavg ? formatLoadavg(viewLoadavg(load)) : hostText(),
  ),
  "proc/meminfo": view(["hostMeminfo", "memory", "hugetlb"], ({ hostMeminfo, memory, hugetlb }, options) =>
    formatMeminfo(viewMeminfo(hostMeminfo, memory, hugetlb, options)),
  ),
  "proc/partitions": view(["hostPartitions", "io", "allowedDevices"], ({ hostPartitions, io, allowedDevices }) =>
    formatPartitions(viewPartitions(hostPartitions, io, allowedDevices)),
  ),
  "proc/slabinfo": view(
    ["slabinfo", "slabinfoHeaders"],
    ({ slabinfo, slabinfoHeaders: headers }) => slabinfo ?? formatSlabinfo({ headers, caches: [] }),
  ),
  "proc/stat": view(["hostStat", "cpuTicks", "load", "start"], ({ hostStat, cpuTicks, load, start }) =>
    formatStat(viewStat(hostStat, { ticks: cpuTicks, load, bootOffsetSeconds: start?.bootOffsetSeconds ?? 0 })),
  ),
  "proc/swaps": view(["hostSwaps", "hostMeminfo", "memory"], ({ hostSwaps, hostMeminfo, memory }, options) =>
    formatSwaps(viewSwaps(hostSwaps, hostMeminfo, memory, options)),
  ),
  "proc/uptime": view(["hostUptime", "start", "cpuTicks", "shownSeconds"], ({ hostUptime, start, ...inputs }) =>
    formatUptime(viewUptime(hostUptime, start?.startTicks, inputs.cpuTicks.total, inputs.shownSeconds)),
  ),
  "proc/vmstat": view(
    ["hostVmstat", "hostMeminfo", "memory", "memoryStat", "io"],
    ({ hostVmstat, hostMeminfo, memory, memoryStat, io }) =>
      memory === undefined
        ? formatVmstat(hostVmstat)
        : formatVmstat(viewVmstat(hostVmstat, { ...memory, memory: viewMemory(hostMeminfo, memory), memoryStat, io })),
  ),
  "proc/pressure/cpu": pressure,
  "proc/pressure/io": pressure,
  "proc/pressure/memory": pressure,
};

const CPU_DIRECTORY = "sys/devices/system/cpu/";
const KINDS = new Map(CPU_FILES.map(({ path, kind }) => [path, kind] as [string, CpuFileKind]));
const PER_CPU_KINDS = new Map(PER_CPU_FILES.map(({ path, kind }) => [path, kind]));

const cpuFile = (kind: CpuFileKind): View =>
  view(["hostText", "cpus"], ({ hostText, cpus }) => viewCpuFile(kind, { hostText, cpus, siblings: [] }));

const CPU_VIEWS: Record<CpuFileKind, View> = {
  host: cpuFile("host"),
  none: cpuFile("none"),
  visible: cpuFile("visible"),
  list: cpuFile("list"),
  mask: cpuFile("mask"),
  "smt-active": view(["hostText", "cpus", "siblings"], (inputs) => viewCpuFile("smt-active", inputs)),
};

/** The view of a path in the tree; undefined for a path that is none of ours. */
export function viewOf(path: string): View | undefined {
  if (Object.hasOwn(PROC_VIEWS, path)) return PROC_VIEWS[path as VirtualFilePath];
  if (!path.startsWith(CPU_DIRECTORY)) return undefined;
  const below = path.slice(CPU_DIRECTORY.length);
  const kind = KINDS.get(below) ?? PER_CPU_KINDS.get(below.replace(/^cpu\d+\//, ""));
  return kind && CPU_VIEWS[kind];
}
