// /proc/meminfo of a container. Fields no table row names pass through: they describe the machine (Vmalloc*, DirectMap*,
// Hugepagesize, HardwareCorrupted) or are newer than this version.

import type { Limit } from "../cgroup/cgroup.ts";
import { type Meminfo, type MeminfoLine, meminfoPlace, meminfoValue } from "../procfs/meminfo.ts";
import { kibOf, type MemoryNumbers, type MemoryView, viewMemory } from "./memory-view.ts";
import type { ViewOptions } from "./view-options.ts";

export interface HugetlbNumbers {
  limitBytes: Limit;
  usageBytes: number;
}

interface Subject {
  view: MemoryView;
  memory: MemoryNumbers;
  host: (key: string) => number;
}

type Row = (subject: Subject) => number;

const zero: Row = () => 0;
const stat =
  (first: keyof MemoryNumbers["stat"], second?: keyof MemoryNumbers["stat"]): Row =>
  ({ memory }) =>
    kibOf((memory.stat[first] ?? 0) + (second === undefined ? 0 : (memory.stat[second] ?? 0)));

const ROWS: ReadonlyMap<string, Row> = new Map<string, Row>([
  ["MemTotal", ({ view }) => view.totalKib],
  ["MemFree", ({ view }) => view.freeKib],
  ["MemAvailable", ({ view }) => view.availableKib],
  ["Buffers", zero],
  ["Cached", stat("file")],
  ["SwapCached", stat("swapCached")],
  ["Active", stat("activeAnon", "activeFile")],
  ["Inactive", stat("inactiveAnon", "inactiveFile")],
  ["Active(anon)", stat("activeAnon")],
  ["Inactive(anon)", stat("inactiveAnon")],
  ["Active(file)", stat("activeFile")],
  ["Inactive(file)", stat("inactiveFile")],
  ["Unevictable", stat("unevictable")],
  // Locked pages are unevictable; no cgroup counts them apart.
  ["Mlocked", ({ memory, host }) => Math.min(kibOf(memory.stat.unevictable), host("Mlocked"))],
  ["Zswap", stat("zswap")],
  ["Zswapped", stat("zswapped")],
  ["Dirty", stat("fileDirty")],
  ["Writeback", stat("fileWriteback")],
  ["AnonPages", stat("anon")],
  ["Mapped", stat("fileMapped")],
  ["Shmem", stat("shmem")],
  ["KReclaimable", stat("slabReclaimable")],
  ["Slab", stat("slabReclaimable", "slabUnreclaimable")],
  ["SReclaimable", stat("slabReclaimable")],
  ["SUnreclaim", stat("slabUnreclaimable")],
  ["KernelStack", stat("kernelStack")],
  ["ShadowCallStack", zero],
  ["PageTables", stat("pagetables")],
  ["SecPageTables", stat("secPagetables")],
  ["NFS_Unstable", zero],
  ["Bounce", zero],
  ["WritebackTmp", zero],
  ["CommitLimit", commitLimit],
  // What is certainly committed; a cgroup does not account for promises.
  [
    "Committed_AS",
    ({ memory }) => kibOf((memory.stat.anon ?? 0) + (memory.stat.shmem ?? 0) + (memory.swapUsageBytes ?? 0)),
  ],
  ["VmallocUsed", stat("vmalloc")],
  ["Percpu", stat("percpu")],
  ["AnonHugePages", stat("anonThp")],
  ["ShmemHugePages", stat("shmemThp")],
  ["ShmemPmdMapped", zero],
  ["FileHugePages", stat("fileThp")],
  ["FilePmdMapped", zero],
  ["CmaTotal", zero],
  ["CmaFree", zero],
  ["Unaccepted", zero],
  ["Balloon", zero],
]);

/**
 * As vm.overcommit_ratio makes it, with the ratio that the host's own limit shows (overcommit-accounting.rst); at most the
 * host's, which binds everyone.
 */
function commitLimit({ view, host }: Subject): number {
  const hostBase = host("MemTotal") - host("Hugetlb");
  const ratio = hostBase <= 0 ? 0 : Math.max(0, host("CommitLimit") - host("SwapTotal")) / hostBase;
  return Math.min(host("CommitLimit"), Math.floor(view.totalKib * ratio) + (view.swap?.totalKib ?? host("SwapTotal")));
}

/** The host's meminfo as the container sees it: same fields, same order, same layout. */
export function viewMeminfo(
  host: Meminfo,
  memory: MemoryNumbers | undefined,
  hugetlb: HugetlbNumbers | undefined,
  options: ViewOptions,
): Meminfo {
  const view = memory && viewMemory(host, memory);
  const replaced: Replaced = {
    ...(view?.swap && { SwapTotal: view.swap.totalKib, SwapFree: view.swap.freeKib }),
    ...(!options.swap && NO_SWAP),
    ...(hugetlb && viewHugetlb(host, hugetlb)),
  };
  // Where nothing limits the container's memory, the machine's is what it has.
  const subject: Subject | undefined =
    memory && view?.limited ? { view, memory, host: (key) => meminfoValue(host, key) ?? 0 } : undefined;
  const lines: MeminfoLine[] = subject === undefined ? [...host] : limitedLines(host, subject);
  for (const key of Object.keys(replaced)) {
    const place = meminfoPlace(host, key);
    if (place !== undefined) lines[place] = { ...(host[place] as MeminfoLine), value: replaced[key] as number };
  }
  return lines;
}

/** The host's file, read once, is looked at for many containers. */
const rowsOfHost = new WeakMap<Meminfo, readonly (Row | undefined)[]>();

function limitedLines(host: Meminfo, subject: Subject): MeminfoLine[] {
  let rows = rowsOfHost.get(host);
  if (rows === undefined) {
    rows = host.map(({ key }) => ROWS.get(key));
    rowsOfHost.set(host, rows);
  }
  const lines: MeminfoLine[] = [];
  for (const [place, line] of host.entries()) {
    const row = rows[place];
    lines.push(row === undefined ? line : { ...line, value: row(subject) });
  }
  return lines;
}

/** Fields that come from no row. */
type Replaced = Readonly<Record<string, number>>;

const NO_SWAP: Replaced = { SwapTotal: 0, SwapFree: 0, SwapCached: 0 };

/** The pool as far as the container may use it. */
function viewHugetlb(host: Meminfo, hugetlb: HugetlbNumbers): Replaced {
  const pageKib = meminfoValue(host, "Hugepagesize") ?? 0;
  if (pageKib === 0 || hugetlb.limitBytes === "max") return {};
  const pages = (bytes: number): number => Math.floor(kibOf(bytes) / pageKib);
  const hostTotal = meminfoValue(host, "HugePages_Total") ?? 0;
  const hostFree = meminfoValue(host, "HugePages_Free") ?? 0;
  const used = Math.min(pages(hugetlb.usageBytes), hostTotal);
  const total = Math.max(used, Math.min(pages(hugetlb.limitBytes), hostTotal));
  const free = Math.min(total - used, hostFree);
  return {
    HugePages_Total: total,
    HugePages_Free: free,
    HugePages_Rsvd: Math.min(free, meminfoValue(host, "HugePages_Rsvd") ?? 0),
    HugePages_Surp: 0,
    Hugetlb: total * pageKib,
  };
}
