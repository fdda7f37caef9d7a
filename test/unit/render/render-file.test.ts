import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, test } from "node:test";
import type { Container } from "../../../node-agent/container/container.ts";
import { HostFiles } from "../../../node-agent/host/host-files.ts";
import { Ledger, shareLedger } from "../../../node-agent/ledger/ledger.ts";
import { LimitsEpochs, shareLimitsEpochs } from "../../../node-agent/render/limits-epochs.ts";
import { FileRenderer } from "../../../node-agent/render/render-file.ts";
import { DEFAULT_VIEW_OPTIONS } from "../../../node-agent/view/view-options.ts";

const ONLINE = "sys/devices/system/cpu/online";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "procview-render-"));
  mkdirSync(join(folder, "c"));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe("FileRenderer", () => {
  test("files of one poll agree, unless limits were seen to change in the middle of it", {
    skip: availableParallelism() < 2 ? "needs two CPUs" : false,
  }, () => {
    const quota = (cpus: number): void => writeFileSync(join(folder, "c", "cpu.max"), `${cpus * 100_000} 100000\n`);
    const cgroup = { version: 2, mountPoint: folder, path: "/c" } as const;
    const container: Container = { key: 7, id: "", rule: "", identity: cgroup, cgroups: { cpu: cgroup } };
    const limitsEpochs = new LimitsEpochs(shareLimitsEpochs());
    const options = { view: DEFAULT_VIEW_OPTIONS, now: () => 1_000_000, limitsEpochs };
    const renderer = new FileRenderer(new HostFiles(), new Ledger(shareLedger(8)), options);
    const online = (shownMillis = 100): string => renderer.render(container, ONLINE, shownMillis).toString();
    quota(1);
    assert.equal(online(), "0\n");
    quota(2);
    assert.equal(online(), "0\n");
    assert.equal(online(0), "0-1\n");
    quota(1);
    limitsEpochs.changed([7]);
    assert.equal(online(), "0\n");
  });
});
