import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { formatCpuList, parseCpuList } from "../../../node-agent/procfs/cpu-list.ts";
import { parseCpuinfo } from "../../../node-agent/procfs/cpuinfo.ts";
import { parseDiskstats } from "../../../node-agent/procfs/diskstats.ts";
import { parseLoadavg } from "../../../node-agent/procfs/loadavg.ts";
import { parseMeminfo } from "../../../node-agent/procfs/meminfo.ts";
import { parseMountinfo } from "../../../node-agent/procfs/mountinfo.ts";
import { ParseError } from "../../../node-agent/procfs/parse-error.ts";
import { parsePartitions } from "../../../node-agent/procfs/partitions.ts";
import { parsePidCgroup } from "../../../node-agent/procfs/pid-cgroup.ts";
import { parsePidStat } from "../../../node-agent/procfs/pid-stat.ts";
import { parsePidStatus } from "../../../node-agent/procfs/pid-status.ts";
import { parseStat } from "../../../node-agent/procfs/stat.ts";
import { parseSwaps } from "../../../node-agent/procfs/swaps.ts";
import { parseUptime } from "../../../node-agent/procfs/uptime.ts";
import { parseVmstat } from "../../../node-agent/procfs/vmstat.ts";

describe("broken files", () => {
  const broken: readonly [string, (text: string) => unknown, string][] = [
    ["meminfo", parseMeminfo, "MemTotal: x kB\n"],
    ["meminfo", parseMeminfo, "MemTotal: 12 MB\n"],
    ["stat", parseStat, "cpu  1 2 x\n"],
    ["stat", parseStat, "intr 1\n"],
    ["uptime", parseUptime, "1 2\n"],
    ["loadavg", parseLoadavg, "0.00 0.00 0.00 1 2\n"],
    ["swaps", parseSwaps, "Filename\nonly-a-name\n"],
    ["diskstats", parseDiskstats, "   8       0 sda 1 x\n"],
    ["diskstats", parseDiskstats, "sda\n"],
    ["partitions", parsePartitions, "major\n\nsda\n"],
    ["vmstat", parseVmstat, "nr_free_pages\n"],
    ["PID/stat", parsePidStat, "12 no brackets"],
    ["PID/stat", parsePidStat, "12 (short) S 1"],
    ["PID/cgroup", parsePidCgroup, "memory:/x\n"],
    ["CPU list", parseCpuList, "3-1"],
    ["CPU list", parseCpuList, "0-99999"],
    ["CPU list", parseCpuList, "a"],
    ["mountinfo", parseMountinfo, "1 2 3\n"],
  ];
  for (const [file, parse, text] of broken) {
    test(`${file} ${JSON.stringify(text)} names the file and the line`, () => {
      assert.throws(
        () => parse(text),
        (error) => error instanceof ParseError && error.message.startsWith(`Cannot parse ${file} line "`),
      );
    });
  }
});

describe("parsePidStat()", () => {
  const tail = "S 7 1 1 0 -1 4194560 0 0 0 0 0 0 0 0 20 0 1 0 4242 0 0";
  for (const name of ["bash", "my app", "a) R 9 (b", "((("]) {
    test(`finds the fields behind the name "${name}"`, () => {
      assert.deepEqual(parsePidStat(`99 (${name}) ${tail}`), { state: "S", parentPid: 7, startTicks: 4242 });
    });
  }
});

test("parsePidStatus() reads pids by namespace and signal masks", () => {
  const status = parsePidStatus(
    "Name:\tx\nTgid:\t10\nNSpid:\t10\t3\t1\nSigIgn:\t0000000000000001\nSigCgt:\t0000000000004002\n",
  );
  assert.deepEqual(status.nsPids, [10, 3, 1]);
  assert.equal(status.ignoredSignals, 1n);
  assert.equal(status.caughtSignals, 0x4002n);
});

test("parsePidCgroup() tells v1, named and unified hierarchies apart, colons in paths included", () => {
  assert.deepEqual(parsePidCgroup("4:cpu,cpuacct:/a:b\n1:name=systemd:/c\n0::/d\n"), [
    { controllers: ["cpu", "cpuacct"], path: "/a:b" },
    { controllers: ["name=systemd"], path: "/c" },
    { controllers: [], path: "/d" },
  ]);
});

test("parseMountinfo() decodes octal escapes and optional fields", () => {
  const [mount] = parseMountinfo(
    "40 1 0:35 / /mnt/a\\040b rw,nosuid shared:3 master:1 - fuse.procview procview ro,user_id=0\n",
  );
  assert.equal(mount?.mountPoint, "/mnt/a b");
  assert.equal(mount?.fsType, "fuse.procview");
  assert.deepEqual(mount?.options, ["rw", "nosuid"]);
  assert.deepEqual(mount?.superOptions, ["ro", "user_id=0"]);
});

describe("parseCpuList()", () => {
  const lists: readonly [string, number[], string][] = [
    ["0-3", [0, 1, 2, 3], "0-3"],
    ["0,2-3,5", [0, 2, 3, 5], "0,2-3,5"],
    ["5,0-1,1", [0, 1, 5], "0-1,5"],
    ["\n", [], ""],
    [" (null)\n", [], ""],
  ];
  for (const [text, cpus, printed] of lists) {
    test(`${JSON.stringify(text)}`, () => {
      assert.deepEqual(parseCpuList(text), cpus);
      assert.equal(formatCpuList(cpus), printed);
    });
  }
});

test("parseCpuinfo() knows the CPUs of an s390 summary, its lines and its blocks", () => {
  const text =
    "vendor_id       : IBM/S390\n# processors    : 2\nfeatures : esan3\n" +
    "processor 0: version = FF,  identification = 0,  machine = 8561\n" +
    "processor 1: version = FF,  identification = 1,  machine = 8561\n\n" +
    "cpu number      : 0\nphysical id : 0\n\ncpu number      : 1\nphysical id : 0\n\n";
  assert.deepEqual(
    parseCpuinfo(text).map(({ cpu }) => cpu),
    [undefined, 0, 1, undefined, 0, 1],
  );
});
