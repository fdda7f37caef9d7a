import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { formatCpuinfo, parseCpuinfo } from "../../../node-agent/procfs/cpuinfo.ts";
import { viewCpuFile } from "../../../node-agent/view/cpu-files.ts";
import { viewCpuinfo } from "../../../node-agent/view/cpuinfo.ts";
import { viewStat } from "../../../node-agent/view/stat.ts";
import { viewUptime } from "../../../node-agent/view/uptime.ts";
import { visibleCpus } from "../../../node-agent/view/visible-cpus.ts";
import { capturedFile } from "../../fixture-host.ts";

describe("visibleCpus()", () => {
  const online = [0, 1, 2, 3];
  const cases: readonly [string, Parameters<typeof visibleCpus>, number[], number][] = [
    ["no limits", [online, { quotaCpus: "max" }, "quota"], [0, 1, 2, 3], 4],
    ["a fraction rounds up", [online, { quotaCpus: 1.5 }, "quota"], [0, 1], 1.5],
    ["less than one CPU is one", [online, { quotaCpus: 0.1 }, "quota"], [0], 0.1],
    ["a whole number is itself", [online, { quotaCpus: 3 }, "quota"], [0, 1, 2], 3],
    ["a quota above the machine", [online, { quotaCpus: 64 }, "quota"], [0, 1, 2, 3], 4],
    ["a cpuset with a gap", [online, { quotaCpus: "max", effectiveCpus: [1, 3] }, "quota"], [1, 3], 2],
    ["a quota below the cpuset", [online, { quotaCpus: 1, effectiveCpus: [1, 3] }, "quota"], [1], 1],
    ["a quota above the cpuset", [online, { quotaCpus: 3.5, effectiveCpus: [1, 3] }, "quota"], [1, 3], 2],
    ["offline CPUs in the cpuset", [online, { quotaCpus: "max", effectiveCpus: [2, 7] }, "quota"], [2], 1],
    [
      "a cpuset that is offline as a whole",
      [online, { quotaCpus: "max", effectiveCpus: [7] }, "quota"],
      [0, 1, 2, 3],
      4,
    ],
    ["--cpu-view cpuset ignores the quota", [online, { quotaCpus: 1, effectiveCpus: [1, 3] }, "cpuset"], [1, 3], 2],
    ["--cpu-view host ignores both", [online, { quotaCpus: 1, effectiveCpus: [1, 3] }, "host"], [0, 1, 2, 3], 4],
  ];
  for (const [what, args, cpus, capacity] of cases) {
    test(what, () => assert.deepEqual(visibleCpus(...args), { cpus, capacity }));
  }
});

test("uptime's idle is stat's idle", () => {
  const uptime = viewUptime({ upSeconds: 1000, idleSeconds: 5 }, 99_000, [300, 0, 0, 1700], 0);
  assert.deepEqual(uptime, { upSeconds: 10, idleSeconds: 17 });
  assert.deepEqual(viewUptime({ upSeconds: 1000, idleSeconds: 5 }, undefined, [], 0), { upSeconds: 0, idleSeconds: 0 });
  // Shown for 100 ms: nobody reads it before it is true.
  assert.equal(viewUptime({ upSeconds: 1000, idleSeconds: 5 }, 99_000, [], 0.5).upSeconds, 10.5);
});

describe("viewStat()", () => {
  const others = [
    { key: "intr", value: "7 1 2" },
    { key: "btime", value: "1795354955" },
    { key: "future", value: "1" },
  ];
  const inputs = { ticks: { total: [], cpus: [] }, load: undefined, bootOffsetSeconds: 0 };
  test("leaves btime and unknown lines, and no interrupts of the machine", () => {
    assert.deepEqual(viewStat({ total: [], cpus: [], others }, inputs).others, [
      { key: "intr", value: "0" },
      { key: "btime", value: "1795354955" },
      { key: "future", value: "1" },
    ]);
  });
  test("shifts btime as the kernel does in a time namespace", () => {
    const shifted = viewStat({ total: [], cpus: [], others }, { ...inputs, bootOffsetSeconds: -5000 });
    assert.equal(shifted.others[1]?.value, "1795359955");
  });
});

describe("viewCpuinfo()", () => {
  const host = parseCpuinfo(capturedFile("v2-7-x86_64-16cpu-noswap", "proc/cpuinfo"));
  const fields = (text: string, key: string) =>
    [...text.matchAll(new RegExp(`^${key}\\s*: (.*)$`, "gm"))].map((match) => match[1]);

  test("keeps the numbers of the CPUs and counts siblings and cores anew", () => {
    const text = formatCpuinfo(viewCpuinfo(host, { cpus: [1, 3, 4], capacity: 3 }));
    assert.deepEqual(fields(text, "processor"), ["1", "3", "4"]);
    const packages = new Set(fields(text, "physical id"));
    const siblings = [...packages].map((id) => fields(text, "physical id").filter((other) => other === id).length);
    assert.deepEqual(new Set(fields(text, "siblings")), new Set(siblings.map(String)));
  });

  test("shows the host's text where all CPUs are visible", () => {
    const all = { cpus: Array.from({ length: 16 }, (_, cpu) => cpu), capacity: 16 };
    assert.equal(formatCpuinfo(viewCpuinfo(host, all)), capturedFile("v2-7-x86_64-16cpu-noswap", "proc/cpuinfo"));
  });
});

describe("viewCpuFile()", () => {
  const cpus = { cpus: [1, 3], capacity: 2 };
  const view = (kind: Parameters<typeof viewCpuFile>[0], hostText: string, siblings: string[] = []) =>
    viewCpuFile(kind, { hostText: () => hostText, cpus, siblings });
  test("lists", () => {
    assert.equal(view("visible", "0-7\n"), "1,3\n");
    assert.equal(view("none", "4-7\n"), "\n");
    assert.equal(view("list", "0-3\n"), "1,3\n");
    assert.equal(view("list", "\n"), "\n");
  });
  test("masks keep their width", () => {
    assert.equal(view("mask", "00000000,0000000f\n"), "00000000,0000000a\n");
    assert.equal(view("mask", "ff\n"), "0a\n");
  });
  test("threads share a core only if both are visible", () => {
    assert.equal(view("smt-active", "1\n", ["0-1", "2-3"]), "0\n");
    assert.equal(view("smt-active", "0\n", ["1,3", "1,3"]), "1\n");
  });
});
