import assert from "node:assert/strict";
import { test } from "node:test";
import { parseBlkio, parseIoStat } from "../../../node-agent/cgroup/io-stat.ts";
import { formatDiskstats, parseDiskstats } from "../../../node-agent/procfs/diskstats.ts";
import { formatPartitions, parsePartitions } from "../../../node-agent/procfs/partitions.ts";
import { viewDiskstats, viewPartitions } from "../../../node-agent/view/disks.ts";

const HOST = parseDiskstats(
  "   8       0 sda 9 9 9 9 9 9 9 9 9 9 9 9 9 9 9 9 9\n   8       1 sda1 9 9 9 9 9 9 9 9 9 9 9 9 9 9 9 9 9\n 254       0 vda 9 9 9 9 9 9 9 9 9 9 9 9 9 9 9 9 9\n",
);

test("only devices the container has used, 20 columns, zero for what nobody counts", () => {
  const io = parseIoStat("254:0 rbytes=8192 wbytes=1024 rios=2 wios=1 dbytes=512 dios=1\n");
  assert.equal(
    String(formatDiskstats(viewDiskstats(HOST, io, []))),
    " 254       0 vda 2 0 16 0 1 0 2 0 0 0 0 1 0 1 0 0 0\n",
  );
});

test("a device allowed by name appears unused", () => {
  assert.equal(
    String(formatDiskstats(viewDiskstats(HOST, [], ["8:1"]))),
    "   8       1 sda1 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n",
  );
});

test("cgroup v1 tells the same in two files", () => {
  const io = parseBlkio(
    "8:0 Read 3\n8:0 Write 1\n8:0 Total 4\nTotal 4\n",
    "8:0 Read 12288\n8:0 Write 512\nTotal 12800\n",
  );
  assert.deepEqual(io, [
    { device: "8:0", reads: 3, readBytes: 12_288, writes: 1, writtenBytes: 512, discards: 0, discardedBytes: 0 },
  ]);
});

test("partitions of an unused machine are a header, not an empty file", () => {
  const host = parsePartitions("major minor  #blocks  name\n\n   8        0  268435456 sda\n");
  assert.equal(formatPartitions(viewPartitions(host, [], [])), "major minor  #blocks  name\n\n");
  assert.equal(
    formatPartitions(viewPartitions(host, [], ["8:0"])),
    "major minor  #blocks  name\n\n   8        0  268435456 sda\n",
  );
});
