// The benchmarks run to their end on a few files: every side has numbers, or says why it has none. No figure is judged.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import type { Results } from "../../bench/report/results.ts";
import { lacks, nothingLeft, SLOWNESS, skip } from "./harness.ts";

after(nothingLeft);

const LIMIT_MILLIS = 300_000 * SLOWNESS;
const FILES = ["proc/meminfo", "proc/uptime"];

/** What a command prints, and the results it writes. */
function bench(program: string): { printed: string; results: Results } {
  const out = mkdtempSync(join(tmpdir(), "bench-test-"));
  const path = new URL(`../../bench/${program}`, import.meta.url).pathname;
  const args = [path, "--quick", "--files", FILES.join(","), "--out", out];
  try {
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: "utf8", timeout: LIMIT_MILLIS });
    assert.equal(status, 0, stderr);
    const [json] = readdirSync(out).filter((name) => name.endsWith(".json"));
    return { printed: stdout, results: JSON.parse(readFileSync(join(out, json ?? ""), "utf8")) };
  } finally {
    rmSync(out, { recursive: true });
  }
}

function benchLeftovers(): string[] {
  const mounts = readFileSync("/proc/self/mountinfo", "utf8").split("\n");
  return [
    ...readdirSync(tmpdir()).filter((name) => name.startsWith("procview-bench-")),
    ...mounts.filter((line) => line.includes("/procview-bench-")),
    ...mounts
      .filter((line) => line.includes(" - cgroup"))
      .map((line) => line.split(" ")[4] as string)
      .flatMap((mountPoint) => readdirSync(mountPoint).filter((name) => name.startsWith("procview-bench-"))),
  ];
}

describe("npm run bench", { skip: skip || lacks("cc") }, () => {
  test("has every side with numbers, and leaves nothing", () => {
    const { printed, results } = bench("reads.ts");
    assert.ok(results.reads !== undefined);
    const { sides, rows, failures } = results.reads;
    assert.deepEqual(failures, []);
    assert.equal(sides.length, 5);
    for (const { name, skipped } of sides) {
      if (["host procfs", "procview", "procview, freshness 0"].includes(name)) assert.equal(skipped, null);
      const own = rows.filter(({ side }) => side === name);
      assert.equal(own.length, skipped === null ? FILES.length * 2 : 0, `${name}: ${skipped}`);
      for (const row of own) {
        assert.ok(row.p50Nanos > 0 && row.p99Nanos >= row.p50Nanos && row.readsPerSecond > 0, JSON.stringify(row));
        assert.equal(row.serverCpuNanosPerRead === null, name === "host procfs");
      }
      for (const file of own.map((row) => row.file)) assert.ok(printed.includes(`| /${file} | ${name} |`));
    }
    assert.deepEqual(benchLeftovers(), []);
  });
});

describe("npm run bench:scale", { skip: skip || lacks("cc") || lacks("lxcfs") }, () => {
  test("has both sides with numbers, fails no read, and leaves nothing", () => {
    const { rows } = bench("scale.ts").results.scale ?? { rows: [] };
    assert.deepEqual(
      rows.map(({ side }) => side),
      ["procview", "lxcfs"],
    );
    for (const row of rows) {
      assert.equal(row.failedReads, 0);
      assert.equal(row.reads, row.expectedReads);
      assert.ok(row.rssBytes > 0 && row.cpuPercent >= 0);
    }
    assert.deepEqual(benchLeftovers(), []);
  });
});
