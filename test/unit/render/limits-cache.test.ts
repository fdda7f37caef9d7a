import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, test } from "node:test";
import type { Container } from "../../../node-agent/container/container.ts";
import { HostFiles } from "../../../node-agent/host/host-files.ts";
import { LimitsCache } from "../../../node-agent/render/limits-cache.ts";
import { LimitsEpochs, shareLimitsEpochs } from "../../../node-agent/render/limits-epochs.ts";

const MIB = 2 ** 20;

let folder: string;
let files: HostFiles;
let now: number;
let epochs: LimitsEpochs;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "procview-limits-"));
  files = new HostFiles();
  now = 1_000_000;
  epochs = new LimitsEpochs(shareLimitsEpochs());
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A container of a v2 hierarchy that stands in the temporary folder. */
function container(key: number): Container {
  mkdirSync(join(folder, `c${key}`), { recursive: true });
  limit(key, 100, "50000 100000", "0");
  const cgroup = { version: 2, mountPoint: folder, path: `/c${key}` } as const;
  return { key, id: "", rule: "", identity: cgroup, cgroups: { cpu: cgroup, cpuset: cgroup, memory: cgroup } };
}

function limit(key: number, mib: number, cpuMax: string, cpus: string): void {
  writeFileSync(join(folder, `c${key}`, "memory.max"), `${mib * MIB}\n`);
  writeFileSync(join(folder, `c${key}`, "cpu.max"), `${cpuMax}\n`);
  writeFileSync(join(folder, `c${key}`, "cpuset.cpus.effective"), `${cpus}\n`);
}

const numbers = (cache: LimitsCache, of: Container, fresh = false): unknown[] => [
  cache.of("memory", of, fresh)?.limitBytes,
  cache.of("quota", of, fresh).quotaCpus,
  cache.of("effectiveCpus", of, fresh),
];
const OLD = [100 * MIB, 0.5, [0]];
const NEW = [200 * MIB, 1, [1]];

describe("LimitsCache", () => {
  test("limits are read again when they were seen to change, those of others are not", () => {
    const cache = new LimitsCache(files, false, () => now, epochs);
    const [one, two] = [container(1), container(2)];
    assert.deepEqual([numbers(cache, one), numbers(cache, two)], [OLD, OLD]);
    limit(1, 200, "100000 100000", "1");
    limit(2, 200, "100000 100000", "1");
    epochs.changed([1]);
    assert.deepEqual([numbers(cache, one), numbers(cache, two)], [NEW, OLD]);
  });

  test("a change that nobody saw shows after 5 seconds for a cpuset, which also changes unwritten, after 60 for the others", () => {
    const cache = new LimitsCache(files, false, () => now, epochs);
    const one = container(1);
    numbers(cache, one);
    limit(1, 200, "100000 100000", "1");
    now += 4999;
    assert.deepEqual(numbers(cache, one), OLD);
    now += 1;
    assert.deepEqual(numbers(cache, one), [OLD[0], OLD[1], NEW[2]]);
    now += 55_000;
    assert.deepEqual(numbers(cache, one), NEW);
  });

  test("after a second where nobody watches, or nobody can any more", () => {
    const one = container(1);
    for (const cache of [new LimitsCache(files, false, () => now), new LimitsCache(files, false, () => now, epochs)]) {
      limit(1, 100, "50000 100000", "0");
      assert.deepEqual(numbers(cache, one), OLD);
      limit(1, 200, "100000 100000", "1");
      epochs.giveUp();
      now += 999;
      assert.deepEqual(numbers(cache, one), OLD);
      now += 1;
      assert.deepEqual(numbers(cache, one), NEW);
    }
  });

  test("at once for who wants them fresh, and when the CPUs of the machine change", () => {
    const cache = new LimitsCache(files, false, () => now, epochs);
    const one = container(1);
    cache.cpusOnline([0, 1]);
    numbers(cache, one);
    limit(1, 200, "100000 100000", "1");
    assert.deepEqual(numbers(cache, one, true), NEW);
    assert.deepEqual(numbers(cache, one), OLD);
    cache.cpusOnline([0]);
    assert.deepEqual(numbers(cache, one), NEW);
  });

  test("all threads of a server see what one of them notices", () => {
    const shared = shareLimitsEpochs();
    const [writes, reads] = [new LimitsEpochs(shared), new LimitsEpochs(shared)];
    const before = reads.of(2 ** 43 + 7);
    writes.changed([2 ** 43 + 7]);
    assert.notEqual(reads.of(2 ** 43 + 7), before);
    assert.equal(reads.areWatched, true);
    writes.giveUp();
    assert.equal(reads.areWatched, false);
  });
});
