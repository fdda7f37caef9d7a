import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Meminfo } from "../../../node-agent/procfs/meminfo.ts";
import { parseMeminfo } from "../../../node-agent/procfs/meminfo.ts";
import { viewMeminfo } from "../../../node-agent/view/meminfo.ts";
import { type MemoryNumbers, viewMemory } from "../../../node-agent/view/memory-view.ts";
import { viewSwaps } from "../../../node-agent/view/swaps.ts";
import { DEFAULT_VIEW_OPTIONS } from "../../../node-agent/view/view-options.ts";
import { capturedFile } from "../../fixture-host.ts";

const MIB = 2 ** 20;
const KIB_OF_MIB = 1024;

/** A machine of 1000 MiB, 100 of them free, 400 available, with 500 MiB of swap of which 450 are free. */
function machine(): Meminfo {
  const rows: readonly [string, number][] = [
    ["MemTotal", 1000],
    ["MemFree", 100],
    ["MemAvailable", 400],
    ["SwapTotal", 500],
    ["SwapFree", 450],
  ];
  return parseMeminfo(rows.map(([key, mib]) => `${key}: ${mib * KIB_OF_MIB} kB\n`).join(""));
}

function container(numbers: Partial<MemoryNumbers>): MemoryNumbers {
  return { limitBytes: "max", headroomBytes: "max", stat: {}, ...numbers };
}

describe("viewMemory()", () => {
  test("without a limit shows the machine", () => {
    const view = viewMemory(machine(), container({}));
    assert.deepEqual(view, { limited: false, totalKib: 1000 * 1024, freeKib: 100 * 1024, availableKib: 400 * 1024 });
  });

  test("a limit above the machine is none", () => {
    assert.equal(viewMemory(machine(), container({ limitBytes: 2000 * MIB })).limited, false);
  });

  test("free is the headroom, available adds what can be dropped", () => {
    const stat = { activeFile: 10 * MIB, inactiveFile: 20 * MIB, slabReclaimable: 5 * MIB };
    const view = viewMemory(machine(), container({ limitBytes: 200 * MIB, headroomBytes: 50 * MIB, stat }));
    assert.deepEqual(view, { limited: true, totalKib: 200 * 1024, freeKib: 50 * 1024, availableKib: 85 * 1024 });
  });

  test("available never exceeds the total, and how full the machine is does not count", () => {
    const stat = { inactiveFile: 190 * MIB };
    const roomy = viewMemory(machine(), container({ limitBytes: 200 * MIB, headroomBytes: 100 * MIB, stat }));
    assert.equal(roomy.availableKib, 200 * 1024);
    const tight = viewMemory(machine(), container({ limitBytes: 900 * MIB, headroomBytes: 800 * MIB, stat }));
    assert.deepEqual([tight.freeKib, tight.availableKib], [800 * 1024, 900 * 1024]);
  });

  test("a limit of nothing still shows a total", () => {
    assert.equal(viewMemory(machine(), container({ limitBytes: 0, headroomBytes: 0 })).totalKib, 1);
  });
});

describe("swap", () => {
  const limited = { limitBytes: 200 * MIB, headroomBytes: 200 * MIB };
  const cases: readonly [string, Partial<MemoryNumbers>, { totalKib: number; freeKib: number } | undefined][] = [
    [
      "limit and usage",
      { swapLimitBytes: 100 * MIB, swapUsageBytes: 30 * MIB },
      { totalKib: 102_400, freeKib: 71_680 },
    ],
    [
      "limit above the machine",
      { swapLimitBytes: 900 * MIB, swapUsageBytes: 0 },
      { totalKib: 512_000, freeKib: 512_000 },
    ],
    ["no limit", { swapLimitBytes: "max", swapUsageBytes: 10 * MIB }, { totalKib: 512_000, freeKib: 501_760 }],
    ["limit lowered below usage", { swapLimitBytes: 0, swapUsageBytes: 60 * MIB }, { totalKib: 61_440, freeKib: 0 }],
    ["usage above the machine", { swapLimitBytes: 0, swapUsageBytes: 900 * MIB }, { totalKib: 512_000, freeKib: 0 }],
    ["not accounted for", {}, undefined],
  ];
  for (const [what, numbers, want] of cases) {
    test(what, () => assert.deepEqual(viewMemory(machine(), container({ ...limited, ...numbers })).swap, want));
  }

  test("viewSwaps() agrees with meminfo", () => {
    const host = {
      header: "Filename\tType",
      areas: [{ filename: "/dev/vda", type: "partition", sizeKib: 512_000, usedKib: 51_200, priority: -2 }],
    };
    const memory = container({ ...limited, swapLimitBytes: 100 * MIB, swapUsageBytes: 30 * MIB });
    assert.deepEqual(viewSwaps(host, machine(), memory, DEFAULT_VIEW_OPTIONS).areas, [
      { filename: "none", type: "virtual", sizeKib: 102_400, usedKib: 30_720, priority: 0 },
    ]);
    assert.deepEqual(viewSwaps(host, machine(), container({}), DEFAULT_VIEW_OPTIONS), host);
    assert.deepEqual(viewSwaps(host, machine(), memory, { ...DEFAULT_VIEW_OPTIONS, swap: false }).areas, []);
  });
});

describe("viewMeminfo()", () => {
  const host = parseMeminfo(capturedFile("v2-6.1-x86_64-4cpu-swap", "proc/meminfo"));
  const limited = container({ limitBytes: 100 * MIB, headroomBytes: 40 * MIB, swapLimitBytes: 0, swapUsageBytes: 0 });
  const valueIn = (meminfo: Meminfo, key: string) => meminfo.find((line) => line.key === key)?.value;

  test("keeps fields, order and layout of the host", () => {
    const view = viewMeminfo(host, limited, undefined, DEFAULT_VIEW_OPTIONS);
    assert.deepEqual(
      view.map(({ key, width, unit }) => ({ key, width, unit })),
      host.map(({ key, width, unit }) => ({ key, width, unit })),
    );
  });

  test("passes on what describes the machine, and fields it does not know", () => {
    const future = [...host, { key: "GlowingPages", value: 7, width: 12, unit: " kB" }];
    const view = viewMeminfo(future, limited, undefined, DEFAULT_VIEW_OPTIONS);
    for (const key of ["VmallocTotal", "Hugepagesize", "DirectMap2M", "HardwareCorrupted", "GlowingPages"]) {
      assert.equal(valueIn(view, key), valueIn(future, key), key);
    }
  });

  test("shows no quantity of the host in a container that uses nothing", () => {
    const view = viewMeminfo(host, limited, undefined, DEFAULT_VIEW_OPTIONS);
    const machineFields = /^(Mem|CommitLimit|VmallocTotal|VmallocChunk|Hugepagesize|DirectMap|HugePages|Hugetlb)/;
    for (const { key, value } of view) if (!machineFields.test(key)) assert.equal(value, 0, key);
  });

  test("without swap shows none, whatever the limits", () => {
    const view = viewMeminfo(host, container({}), undefined, { ...DEFAULT_VIEW_OPTIONS, swap: false });
    for (const key of ["SwapTotal", "SwapFree", "SwapCached"]) assert.equal(valueIn(view, key), 0);
    assert.equal(valueIn(view, "MemTotal"), valueIn(host, "MemTotal"));
  });

  test("limits huge pages to the container's share of the pool", () => {
    const pool = parseMeminfo(
      "MemTotal: 1024000 kB\nHugePages_Total: 20\nHugePages_Free: 12\nHugePages_Rsvd: 1\nHugePages_Surp: 0\nHugepagesize: 2048 kB\nHugetlb: 40960 kB\n",
    );
    const share = { limitBytes: 10 * MIB, usageBytes: 4 * MIB };
    const view = viewMeminfo(pool, undefined, share, DEFAULT_VIEW_OPTIONS);
    assert.deepEqual(
      view.map(({ key, value }) => `${key} ${value}`),
      [
        "MemTotal 1024000",
        "HugePages_Total 5",
        "HugePages_Free 3",
        "HugePages_Rsvd 1",
        "HugePages_Surp 0",
        "Hugepagesize 2048",
        "Hugetlb 10240",
      ],
    );
  });
});
