// format(parse(text)) === text, for texts no captured machine has.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { formatCpuList, formatCpuMask, parseCpuList, parseCpuMask } from "../../node-agent/procfs/cpu-list.ts";
import { formatCpuinfo, parseCpuinfo } from "../../node-agent/procfs/cpuinfo.ts";
import { formatDiskstats, parseDiskstats } from "../../node-agent/procfs/diskstats.ts";
import { formatLoadavg, parseLoadavg } from "../../node-agent/procfs/loadavg.ts";
import { formatMeminfo, parseMeminfo } from "../../node-agent/procfs/meminfo.ts";
import { formatPartitions, parsePartitions } from "../../node-agent/procfs/partitions.ts";
import { formatStat, parseStat } from "../../node-agent/procfs/stat.ts";
import { formatSwaps, parseSwaps } from "../../node-agent/procfs/swaps.ts";
import { formatUptime, parseUptime } from "../../node-agent/procfs/uptime.ts";
import { formatVmstat, parseVmstat } from "../../node-agent/procfs/vmstat.ts";

const RUNS = { numRuns: 500 };
const MAX = 2 ** 52;

const machineCpus = fc
  .uniqueArray(fc.integer({ min: 0, max: 255 }), { minLength: 1, maxLength: 64 })
  .map((cpus) => cpus.sort((a, b) => a - b));
const word = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_()]{0,15}$/);
const count = fc.integer({ min: 0, max: MAX });
const ROUND_TRIPS: readonly [string, fc.Arbitrary<string>, (text: string) => string][] = [
  [
    "meminfo",
    fc
      .array(fc.tuple(word, count, fc.boolean()))
      .map((rows) =>
        rows.map(([key, value, unit]) => `${key}: ${String(value).padStart(9)}${unit ? " kB" : ""}\n`).join(""),
      ),
    (text) => formatMeminfo(parseMeminfo(text)).toString("latin1"),
  ],
  [
    "stat",
    fc
      .array(fc.array(count, { minLength: 4, maxLength: 10 }))
      .map(
        (rows) =>
          `cpu  1 2 3 4\n${rows.map((row, cpu) => `cpu${cpu} ${row.join(" ")}\n`).join("")}intr 1 2 3\nodd\tline \n`,
      ),
    (text) => formatStat(parseStat(text)).toString("latin1").replace("odd\tline  \n", "odd\tline \n"),
  ],
  [
    "uptime",
    fc.tuple(count, count).map(([a, b]) => `${a % 1e12}.25 ${b % 1e9}.50\n`),
    (text) => formatUptime(parseUptime(text)),
  ],
  [
    "loadavg",
    fc.tuple(count, count, count).map(([a, b, c]) => `${a % 1000}.25 0.50 0.75 ${b}/${c} ${a}\n`),
    (text) => formatLoadavg(parseLoadavg(text)),
  ],
  [
    "vmstat",
    fc
      .array(fc.tuple(word, fc.bigInt(-(2n ** 63n), 2n ** 64n)))
      .map((rows) => rows.map(([key, value]) => `${key} ${value}\n`).join("")),
    (text) => formatVmstat(parseVmstat(text)),
  ],
  [
    "diskstats",
    fc
      .array(fc.tuple(fc.nat(999), fc.nat(99_999), word, fc.array(count, { minLength: 11, maxLength: 17 })))
      .map((rows) =>
        rows
          .map(
            ([major, minor, name, counts]) =>
              `${String(major).padStart(4)} ${String(minor).padStart(7)} ${name} ${counts.join(" ")}\n`,
          )
          .join(""),
      ),
    (text) => formatDiskstats(parseDiskstats(text)).toString("latin1"),
  ],
  [
    "partitions",
    fc
      .array(fc.tuple(fc.nat(999), fc.nat(99_999), count, word))
      .map(
        (rows) =>
          `major minor  #blocks  name\n\n${rows.map(([major, minor, blocks, name]) => `${String(major).padStart(4)}  ${String(minor).padStart(7)} ${String(blocks).padStart(10)} ${name}\n`).join("")}`,
      ),
    (text) => formatPartitions(parsePartitions(text)),
  ],
  [
    "cpuinfo",
    fc
      .array(
        fc.constantFrom(
          "processor\t: 1\n",
          "\n",
          "flags\t: a b\n",
          "processor 0: version = FF\n",
          "cpu number : 3\n",
          "timebase : 5\n",
        ),
      )
      .map((lines) => lines.join("")),
    (text) => formatCpuinfo(parseCpuinfo(text)),
  ],
  ["CPU list", machineCpus.map(formatCpuList), (text) => formatCpuList(parseCpuList(text))],
  [
    "CPU mask",
    machineCpus.map((cpus) => formatCpuMask(cpus, Array(8).fill("00000000").join(","))),
    (text) => formatCpuMask(parseCpuMask(text), text),
  ],
  [
    "swaps",
    fc
      .array(
        fc.tuple(
          word,
          fc.constantFrom("partition", "file"),
          fc.nat(2 ** 40),
          fc.nat(2 ** 40),
          fc.integer({ min: -5, max: 32_767 }),
        ),
      )
      .map((rows) =>
        formatSwaps({
          header: "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority",
          areas: rows.map(([filename, type, sizeKib, usedKib, priority]) => ({
            filename: `/dev/${filename}`,
            type,
            sizeKib,
            usedKib,
            priority,
          })),
        }),
      ),
    (text) => formatSwaps(parseSwaps(text)),
  ],
];

for (const [name, text, roundTrip] of ROUND_TRIPS) {
  test(`format(parse(text)) === text: ${name}`, () => {
    fc.assert(
      fc.property(text, (value) => assert.equal(roundTrip(value), value)),
      RUNS,
    );
  });
}
