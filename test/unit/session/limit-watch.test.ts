// Limits that are watched: a change counts from the moment on at which the write(2) has returned, heard of or not. With
// inotify(7) on real directories.

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { Container } from "../../../node-agent/container/container.ts";
import { HostFiles } from "../../../node-agent/host/host-files.ts";
import { LimitsCache } from "../../../node-agent/render/limits-cache.ts";
import { LimitsEpochs, shareLimitsEpochs } from "../../../node-agent/render/limits-epochs.ts";
import { LimitWatch } from "../../../node-agent/session/limit-watch.ts";

const options = { skip: process.platform === "linux" ? false : "needs Linux", timeout: 30_000 };
const KEY = 4711;

let folder: string;
let container: Container;
/** As a worker has them, who hears of nothing, and as the main thread. */
let epochs: LimitsEpochs;
let watch: LimitWatch;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "procview-watch-"));
  mkdirSync(join(folder, "c"));
  const cgroup = { version: 2, mountPoint: folder, path: "/c" } as const;
  container = { key: KEY, id: "", rule: "", identity: cgroup, cgroups: { cpu: cgroup } };
  const shared = shareLimitsEpochs();
  epochs = new LimitsEpochs(shared);
  const own = new LimitsEpochs(shared);
  watch = new LimitWatch({
    changed: (keys) => own.changed(keys),
    eventsOn: (fd) => own.eventsOn(fd),
    hear: (take) => own.hear(take),
    failed: (directory, error) => assert.fail(`${directory}: ${error}`),
  });
});
afterEach(() => {
  watch.close();
  rmSync(folder, { recursive: true });
});

const write = (cpus: number): void => writeFileSync(join(folder, "c/cpu.max"), `${cpus * 100_000} 100000\n`);

function follow(): void {
  watch.add(container);
  epochs.watches(KEY);
}

describe("limits that are watched", options, () => {
  test("nothing is certain before they are, and nothing while a write was not heard of", async () => {
    assert.equal(epochs.tellAll(KEY), false);
    write(1);
    follow();
    assert.equal(epochs.tellAll(KEY), true);
    assert.equal(epochs.tellAll(KEY + 1), false);
    const before = epochs.of(KEY);
    write(2);
    assert.equal(epochs.tellAll(KEY), false);
    assert.equal(epochs.of(KEY), before);
    while (!epochs.tellAll(KEY)) await sleep(1);
    assert.notEqual(epochs.of(KEY), before);
  });

  test("what is written to counts where it is a limit, or turns controllers on below", async () => {
    follow();
    for (const [name, counts] of [
      ["cpu.max", true],
      ["cgroup.subtree_control", true],
      ["cgroup.procs", false],
    ] as const) {
      const before = epochs.of(KEY);
      writeFileSync(join(folder, "c", name), "1");
      while (!epochs.tellAll(KEY)) await sleep(1);
      assert.equal(epochs.of(KEY) !== before, counts, name);
    }
  });

  test("nothing while events are taken, nor once they are not watched, or nobody can watch", () => {
    follow();
    epochs.hear(() => assert.equal(epochs.tellAll(KEY), false));
    assert.equal(epochs.tellAll(KEY), true);
    epochs.keep(new Set([KEY]));
    assert.equal(epochs.tellAll(KEY), true);
    epochs.keep(new Set());
    assert.equal(epochs.tellAll(KEY), false);
    epochs.watches(KEY);
    epochs.giveUp();
    assert.equal(epochs.tellAll(KEY), false);
  });

  test("who wants them fresh reads no file that nobody wrote to, and one that somebody did at once", () => {
    write(1);
    follow();
    const cache = new LimitsCache(new HostFiles(), false, () => performance.now(), epochs);
    const quota = () => cache.of("quota", container, true).quotaCpus;
    assert.equal(quota(), 1);
    // Another file in its place, which no write(2) put there: whoever looked would see it.
    writeFileSync(join(folder, "other"), "200000 100000");
    renameSync(join(folder, "other"), join(folder, "c/cpu.max"));
    assert.equal(quota(), 1);
    write(3);
    assert.equal(quota(), 3);
  });
});
