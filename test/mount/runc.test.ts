// Containers made by runc over one shared mount: each sees itself.

import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { lacks, mounted, nothingLeft, readThrough, skip } from "./harness.ts";
import { runcContainer } from "./runc-container.ts";

after(nothingLeft);

const MIB = 2 ** 20;
const FILES = [
  "proc/meminfo",
  "proc/cpuinfo",
  "proc/stat",
  "proc/uptime",
  "proc/loadavg",
  "proc/swaps",
  "proc/diskstats",
  "sys/devices/system/cpu/online",
];
const memTotal = (text: string) => Number(/MemTotal: +(\d+) kB/.exec(text)?.[1]);

describe("runc", { skip: skip || lacks("runc") }, () => {
  test("two containers share a mount and see their own limits, the host its own", async () => {
    await using mount = await mounted();
    using small = runcContainer(mount.directory, FILES, { memoryBytes: 64 * MIB, cpus: 0.5 });
    using large = runcContainer(mount.directory, FILES, { memoryBytes: 128 * MIB });
    for (let round = 0; round < 3; round += 1) {
      assert.equal(memTotal(small.exec("cat /proc/meminfo")), 64 * 1024);
      assert.equal(memTotal(large.exec("cat /proc/meminfo")), 128 * 1024);
    }
    assert.equal(small.exec("cat /sys/devices/system/cpu/online"), "0\n");
    assert.notEqual(memTotal(readThrough(`${mount.directory}/proc/meminfo`)), 64 * 1024);
    // An exec'ed process is not a child of the container's first process; its container is the same.
    assert.ok(Number(small.exec("cut -d' ' -f1 /proc/uptime")) < 60);
    assert.equal(mount.log(), "");
  });

  test("the first read of the first instruction is right: limits are written after the mounts are resolved", async () => {
    await using mount = await mounted();
    using container = runcContainer(
      mount.directory,
      FILES,
      { memoryBytes: 96 * MIB },
      "head -1 /proc/meminfo >/dev/shm/first; sleep 1000",
    );
    assert.equal(
      memTotal(container.exec("until [ -s /dev/shm/first ]; do sleep 0.01; done; cat /dev/shm/first")),
      96 * 1024,
    );
  });

  test("a limit that is changed shows at the next read", async () => {
    await using mount = await mounted();
    using container = runcContainer(mount.directory, FILES, { memoryBytes: 64 * MIB, swapBytes: 64 * MIB, cpus: 2 });
    assert.equal(memTotal(container.exec("sleep 1.2; cat /proc/meminfo")), 64 * 1024);
    container.update("--memory", String(80 * MIB), "--memory-swap", String(80 * MIB), "--cpu-quota", "50000");
    assert.equal(memTotal(container.exec("sleep 0.2; cat /proc/meminfo")), 80 * 1024);
    assert.equal(container.exec("grep -c ^processor /proc/cpuinfo; cat /sys/devices/system/cpu/online"), "1\n0\n");
  });

  test("the bind keeps the inode of its container, whoever walks the path meanwhile", async () => {
    await using mount = await mounted();
    using container = runcContainer(mount.directory, FILES, { memoryBytes: 64 * MIB });
    const inode = () => container.exec("stat -c %i /proc/meminfo");
    const before = inode();
    for (let round = 0; round < 20; round += 1) readThrough(`${mount.directory}/proc/meminfo`);
    assert.equal(inode(), before);
    assert.equal(memTotal(container.exec("cat /proc/meminfo")), 64 * 1024);
  });
});
