import assert from "node:assert/strict";
import { closeSync, mkdtempSync, openSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { Worker } from "node:worker_threads";
import type { Container } from "../../../node-agent/container/container.ts";
import { HostFiles } from "../../../node-agent/host/host-files.ts";
import { Ledger, shareLedger } from "../../../node-agent/ledger/ledger.ts";
import { FileRenderer } from "../../../node-agent/render/render-file.ts";
import { DEFAULT_VIEW_OPTIONS } from "../../../node-agent/view/view-options.ts";

let folder: string;
let fd: number;
before(() => {
  folder = mkdtempSync(join(tmpdir(), "procview-ledger-"));
  fd = openSync(join(folder, "state"), "w+");
});
after(() => {
  closeSync(fd);
  rmSync(folder, { recursive: true });
});

describe("Ledger", () => {
  test("keeps a record for each key, new ones empty", () => {
    const ledger = new Ledger(shareLedger(2));
    ledger.update(7, 1, (record) => {
      assert.equal(record.startTicks, 0);
      record.startTicks = 42;
      record.cpuTicks(1)[3] = 9;
    });
    ledger.update(7 + 256, 2, (record) => assert.equal(record.startTicks, 0));
    ledger.update(7, 3, (record) => assert.deepEqual([record.startTicks, record.cpuTicks(1)[3]], [42, 9]));
  });

  test("who only looks makes no record, and writes none", () => {
    const shared = shareLedger(2, fd);
    const ledger = new Ledger(shared, fd);
    assert.equal(
      ledger.look(7, 1, () => "known"),
      undefined,
    );
    ledger.update(7, 2, (record) => {
      record.startTicks = 42;
    });
    assert.equal(
      ledger.look(7, 3, ({ startTicks }) => startTicks),
      42,
    );
    ledger.look(7, 4, (record) => {
      record.startTicks = 43;
    });
    // What a look changes stays with this process: a successor finds what was written.
    assert.equal(
      new Ledger(shareLedger(2, fd)).look(7, 5, ({ startTicks }) => startTicks),
      42,
    );
  });

  test("the load of a container stays what it is until its threads are counted again", () => {
    const shared = shareLedger(2);
    new Ledger(shared).update(7, 1, (record) => {
      record.sampledAtMillis = 10_000;
    });
    const options = { view: DEFAULT_VIEW_OPTIONS, now: () => 12_000 };
    const renderer = new FileRenderer(new HostFiles(), new Ledger(shared), options);
    assert.deepEqual([renderer.millisToNextLoad(7), renderer.millisToNextLoad(8)], [3000, 0]);
    const late = new FileRenderer(new HostFiles(), new Ledger(shared), { ...options, now: () => 16_000 });
    assert.equal(late.millisToNextLoad(7), 0);
    const ofTheHost = { ...options, view: { ...DEFAULT_VIEW_OPTIONS, loadavg: false } };
    assert.equal(new FileRenderer(new HostFiles(), new Ledger(shared), ofTheHost).millisToNextLoad(7), 0);
  });

  test("a container is met once, by whichever thread comes first", () => {
    const files = new HostFiles();
    const shared = shareLedger(2);
    const container = { key: 7 } as Container;
    const metAtMillis = (nowMillis: number): number =>
      new FileRenderer(files, new Ledger(shared), { view: DEFAULT_VIEW_OPTIONS, now: () => nowMillis }).metAtMillis(
        container,
        nowMillis,
      );
    assert.deepEqual([metAtMillis(5000), metAtMillis(9000)], [5000, 5000]);
  });

  test("the record unused for longest makes room", () => {
    const ledger = new Ledger(shareLedger(1));
    for (let count = 0; count < 9; count += 1) {
      ledger.update(count * 256 + 1, count + 1, (record) => {
        record.startTicks = count + 1;
      });
    }
    // The first of nine in a set of eight is gone, the second is not.
    ledger.update(257, 20, (record) => assert.equal(record.startTicks, 2));
    ledger.update(1, 21, (record) => assert.equal(record.startTicks, 0));
  });

  test("a successor finds the records of its predecessor, on the same machine", () => {
    const ledger = new Ledger(shareLedger(2, fd), fd);
    ledger.update(2 ** 43 + 5, 1, (record) => {
      record.startTicks = 77;
      record.loads[2] = 1.5;
    });
    new Ledger(shareLedger(2, fd), fd).update(2 ** 43 + 5, 2, (record) => {
      assert.deepEqual([record.startTicks, record.loads[2]], [77, 1.5]);
    });
    new Ledger(shareLedger(4, fd), fd).update(2 ** 43 + 5, 3, (record) => assert.equal(record.startTicks, 0));
  });

  test("threads that change one record lose nothing", async () => {
    const shared = shareLedger(1);
    const code = `import { workerData } from "node:worker_threads";
      import { Ledger } from ${JSON.stringify(new URL("../../../node-agent/ledger/ledger.ts", import.meta.url).href)};
      const ledger = new Ledger(workerData);
      for (let turn = 0; turn < 5000; turn += 1) ledger.update(9, turn, (record) => { record.startTicks += 1; });`;
    const workers = [1, 2, 3].map(
      () => new Worker(new URL(`data:text/javascript,${encodeURIComponent(code)}`), { workerData: shared }),
    );
    await Promise.all(
      workers.map((worker) => new Promise((resolve, reject) => worker.once("exit", resolve).once("error", reject))),
    );
    new Ledger(shared).update(9, 1, (record) => assert.equal(record.startTicks, 15_000));
  });
});
