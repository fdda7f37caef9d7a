// What must hold for every machine and every limit, however strange.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { CPU_VIEWS } from "../../contract/cpu-views.ts";
import type { Limit } from "../../node-agent/cgroup/cgroup.ts";
import type { MemoryStat } from "../../node-agent/cgroup/memory-stat.ts";
import { formatCpuList, formatCpuMask, parseCpuMask } from "../../node-agent/procfs/cpu-list.ts";
import { parseCpuinfo } from "../../node-agent/procfs/cpuinfo.ts";
import { parseMeminfo } from "../../node-agent/procfs/meminfo.ts";
import { parseStat } from "../../node-agent/procfs/stat.ts";
import { parseSwaps } from "../../node-agent/procfs/swaps.ts";
import { parseVmstat } from "../../node-agent/procfs/vmstat.ts";
import { type Inputs, viewOf } from "../../node-agent/view/registry.ts";
import type { ViewOptions } from "../../node-agent/view/view-options.ts";
import { visibleCpus } from "../../node-agent/view/visible-cpus.ts";

const RUNS = { numRuns: 500 };
const MAX = 2 ** 52;
const KIB_MAX = 2 ** 42;

const kib = fc.integer({ min: 0, max: KIB_MAX });
const bytes = fc.oneof(fc.integer({ min: 0, max: MAX }), fc.integer({ min: 0, max: 2 ** 31 }));
const limit: fc.Arbitrary<Limit> = fc.oneof(fc.constant<Limit>("max"), fc.constant(0), bytes);

const STAT_FIELDS = [
  "anon file shmem fileMapped fileDirty fileWriteback swapCached swap anonThp fileThp shmemThp inactiveAnon activeAnon",
  "inactiveFile activeFile unevictable slabReclaimable slabUnreclaimable kernelStack pagetables secPagetables percpu",
  "vmalloc sock zswap zswapped",
]
  .join(" ")
  .split(" ") as (keyof MemoryStat)[];
const stat = fc
  .record(Object.fromEntries(STAT_FIELDS.map((field) => [field, bytes])), { requiredKeys: [] })
  .map((fields) => fields as MemoryStat);

const MEMINFO_KEYS = [
  "MemTotal MemFree MemAvailable Buffers Cached SwapCached Active Inactive Active(anon) Mlocked SwapTotal SwapFree Zswap",
  "Dirty AnonPages Mapped Shmem KReclaimable Slab KernelStack PageTables CommitLimit Committed_AS VmallocTotal Percpu",
  "HugePages_Total HugePages_Free HugePages_Rsvd HugePages_Surp Hugepagesize Hugetlb DirectMap4k SomethingNew",
]
  .join(" ")
  .split(" ");
const hostMeminfo = fc.array(kib, { minLength: MEMINFO_KEYS.length, maxLength: MEMINFO_KEYS.length }).map((values) =>
  parseMeminfo(
    MEMINFO_KEYS.map((key, place) => {
      const value = key === "MemTotal" ? Math.max(1024, values[place]!) : values[place]!;
      return `${`${key}:`.padEnd(16)}${String(value).padStart(8)}${key.startsWith("HugePages_") ? "" : " kB"}\n`;
    }).join(""),
  ),
);

const memory = fc
  .record({ limitBytes: limit, headroomBytes: limit, swapLimitBytes: limit, swapUsageBytes: bytes, stat })
  .map((numbers) => ({
    ...numbers,
    version: 2 as const,
  }));

const options: fc.Arbitrary<ViewOptions> = fc.record({
  cpuView: fc.constantFrom(...CPU_VIEWS),
  swap: fc.boolean(),
  loadavg: fc.boolean(),
  memoryHigh: fc.boolean(),
});

const machineCpus = fc
  .uniqueArray(fc.integer({ min: 0, max: 255 }), { minLength: 1, maxLength: 64 })
  .map((cpus) => cpus.sort((a, b) => a - b));
const cpuLimits = fc.record({
  quotaCpus: fc.oneof(fc.constant<Limit>("max"), fc.double({ min: 0.001, max: 1000, noNaN: true })),
  effectiveCpus: fc.oneof(fc.constant([]), machineCpus),
});

function render(path: string, inputs: Partial<Inputs>, view: ViewOptions): string {
  return String(viewOf(path)!.render(inputs as Inputs, view));
}

test("meminfo: available <= total, no wrap, same fields; swaps and vmstat agree with it", () => {
  fc.assert(
    fc.property(hostMeminfo, memory, options, (host, numbers, view) => {
      const text = render("proc/meminfo", { hostMeminfo: host, memory: numbers, hugetlb: undefined }, view);
      const shown = new Map(parseMeminfo(text).map(({ key, value }) => [key, value]));
      assert.deepEqual([...shown.keys()], MEMINFO_KEYS);
      for (const [key, value] of shown) assert.ok(Number.isSafeInteger(value) && value >= 0, `${key} ${value}`);
      const total = shown.get("MemTotal")!;
      const limited = numbers.limitBytes !== "max" && Math.floor(numbers.limitBytes / 1024) < host[0]!.value;
      if (limited) {
        assert.ok(shown.get("MemAvailable")! <= total);
        assert.ok(shown.get("MemFree")! <= total);
      }
      assert.ok(total >= 1 && total <= host[0]!.value);
      const swaps = parseSwaps(
        render("proc/swaps", { hostSwaps: parseSwaps("Filename\n"), hostMeminfo: host, memory: numbers }, view),
      );
      const hostSwap = host.find(({ key }) => key === "SwapTotal")!.value;
      if (view.swap && (limited || numbers.swapLimitBytes !== "max")) {
        assert.ok(shown.get("SwapFree")! <= shown.get("SwapTotal")!);
        assert.ok(shown.get("SwapTotal")! <= hostSwap);
        assert.equal(swaps.areas[0]?.sizeKib ?? 0, shown.get("SwapTotal"));
        assert.equal(swaps.areas[0]?.usedKib ?? 0, shown.get("SwapTotal")! - shown.get("SwapFree")!);
      }
      const vmstat = render(
        "proc/vmstat",
        {
          hostVmstat: parseVmstat("nr_free_pages 1\npgfault 1\nfuture 1\n"),
          hostMeminfo: host,
          memory: numbers,
          memoryStat: "pgfault 7\n",
          io: [],
        },
        view,
      );
      assert.match(vmstat, /^nr_free_pages \d+\npgfault 7\nfuture 0\n$/);
    }),
    RUNS,
  );
});

test("cpuinfo, stat, online, present and topology count the same CPUs, at least one", () => {
  const hostTicks = "1 2 3 4 5 6 7 8 9 10";
  fc.assert(
    fc.property(machineCpus, cpuLimits, options, (online, limits, view) => {
      const cpus = visibleCpus(online, limits, view.cpuView);
      assert.ok(cpus.capacity > 0 && cpus.capacity <= cpus.cpus.length);
      const list = formatCpuList(cpus.cpus);
      const cpuinfo = online
        .map(
          (cpu) =>
            `processor\t: ${cpu}\nphysical id\t: ${cpu % 2}\nsiblings\t: 9\ncore id\t\t: ${cpu}\ncpu cores\t: 9\n\n`,
        )
        .join("");
      const shown = render("proc/cpuinfo", { hostCpuinfo: parseCpuinfo(cpuinfo), cpus }, view);
      assert.equal(formatCpuList(parseCpuinfo(shown).map(({ cpu }) => cpu!)), list);
      assert.equal(
        [...shown.matchAll(/^siblings\t: (\d+)$/gm)].every(([, count]) => Number(count) <= cpus.cpus.length),
        true,
      );
      const hostText = `cpu  ${hostTicks}\n${online.map((cpu) => `cpu${cpu} ${hostTicks}\n`).join("")}intr 5\nctxt 1\nbtime 7\n`;
      const inputs = {
        hostStat: parseStat(hostText),
        hostUptime: { upSeconds: 100, idleSeconds: 1 },

        cpus,
        cpuTicks: { total: Array(10).fill(0), cpus: cpus.cpus.map((cpu) => ({ cpu, ticks: Array(10).fill(0) })) },
        start: undefined,
        load: undefined,
      };
      assert.equal(formatCpuList(parseStat(render("proc/stat", inputs, view)).cpus.map(({ cpu }) => cpu)), list);
      for (const file of ["online", "present", "possible"]) {
        assert.equal(render(`sys/devices/system/cpu/${file}`, { hostText: () => "0-255\n", cpus }, view), `${list}\n`);
      }
      const mask = formatCpuMask(online, Array(8).fill("00000000").join(","));
      const siblings = render(
        "sys/devices/system/cpu/cpu0/topology/package_cpus",
        { hostText: () => `${mask}\n`, cpus },
        view,
      );
      assert.deepEqual(parseCpuMask(siblings), [...cpus.cpus]);
    }),
    RUNS,
  );
});
