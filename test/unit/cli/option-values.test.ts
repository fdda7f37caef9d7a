import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { CliError } from "../../../cli/exit-codes.ts";
import {
  parseCount,
  parseCpus,
  parseCpuset,
  parseDuration,
  parseFile,
  parseFiles,
  parseSize,
} from "../../../cli/option-values.ts";

describe("parseSize()", () => {
  const sizes: readonly [string, number][] = [
    ["200m", 200 * 2 ** 20],
    ["200M", 200 * 2 ** 20],
    ["200MiB", 200 * 2 ** 20],
    ["1.5g", 1.5 * 2 ** 30],
    ["4096", 4096],
    ["8193b", 8192],
    ["64k", 65_536],
  ];
  for (const [text, bytes] of sizes) test(text, () => assert.equal(parseSize("-m", text), bytes));
  for (const text of ["", "m", "3x", "-5m", "1e9", "4095", "99999999999t", "12 34"]) {
    test(`${JSON.stringify(text)} is none`, () =>
      assert.throws(() => parseSize("-m", text), refusal("badSize", /^-m "/)));
  }
});

test("the other values name the option, the value and what to write", () => {
  assert.equal(parseCpus("1.5"), 1.5);
  assert.equal(parseCpus(".5"), 0.5);
  assert.throws(() => parseCpus("two"), refusal("usage", /--cpus "two".*for example 1\.5/));
  assert.throws(() => parseCpus("0"), refusal("usage", /--cpus "0"/));
  assert.equal(parseCount("--pids", "12"), 12);
  assert.throws(() => parseCount("--pids", "0"), refusal("usage", /--pids "0"/));
  assert.equal(parseDuration("--freshness", "0"), 0);
  assert.equal(parseDuration("--freshness", "250ms"), 250);
  assert.equal(parseDuration("--freshness", "2s"), 2000);
  assert.throws(() => parseDuration("--freshness", "5"), refusal("usage", /--freshness "5".*100ms/));
  assert.deepEqual(parseCpuset("0-1,3", [0, 1, 2, 3]), [0, 1, 3]);
  assert.throws(() => parseCpuset("0-7", [0, 1]), refusal("badCpuset", /not online here; this machine has 0,1/));
  assert.throws(() => parseCpuset("zero", [0, 1]), refusal("badCpuset", /no list of CPUs/));
  assert.throws(() => parseCpuset("", [0, 1]), refusal("badCpuset", /""/));
});

test("files are named by path or in short", () => {
  assert.deepEqual(parseFiles("meminfo,/proc/stat,pressure/cpu,cpu"), [
    "proc/meminfo",
    "proc/stat",
    "proc/pressure/cpu",
    "sys/devices/system/cpu",
  ]);
  assert.throws(() => parseFiles("meminfo,nosuch"), refusal("noFile", /"nosuch"; there are cpuinfo/));
  assert.equal(parseFile("/proc/uptime"), "proc/uptime");
  assert.equal(parseFile("cpu/online"), "sys/devices/system/cpu/online");
  assert.equal(parseFile("cpu/cpu0/topology/core_id"), "sys/devices/system/cpu/cpu0/topology/core_id");
  assert.throws(() => parseFile("mem"), refusal("noFile", /"mem"/));
});

function refusal(cause: string, message: RegExp) {
  return (error: unknown) => error instanceof CliError && error.exitCause === cause && message.test(error.message);
}
