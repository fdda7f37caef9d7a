// What v1's policies have counted for a container, and where nobody looks for it. That the root counts what all others do is
// the kernel's business (tg_print_rwstat_recursive of block/blk-throttle.c), seen on Linux 6.18.

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { readIo } from "../../../node-agent/container/read-io.ts";
import { HostFiles } from "../../../node-agent/host/host-files.ts";

const SERVICED = "blkio.throttle.io_serviced_recursive";
let mountPoint: string;

beforeEach(() => {
  mountPoint = mkdtempSync(join(tmpdir(), "procview-io-"));
  mkdirSync(join(mountPoint, "c"));
  writeFileSync(join(mountPoint, "c", SERVICED), "254:0 Read 5\n254:0 Write 2\nTotal 7\n");
  writeFileSync(join(mountPoint, "c/blkio.throttle.io_service_bytes_recursive"), "254:0 Read 20480\nTotal 20480\n");
});
afterEach(() => rmSync(mountPoint, { recursive: true }));

function reads(root: string | undefined): number[] {
  const cgroup = { version: 1, mountPoint, path: "/c" } as const;
  const ofMachine = (path: string): string | undefined => (path === join(mountPoint, SERVICED) ? root : "Total 0\n");
  return readIo(new HostFiles(), cgroup, ofMachine).map((io) => io.reads);
}

test("a policy that counts on this machine is asked, and one of which the machine does not tell", () => {
  assert.deepEqual(reads("7:0 Read 1\nTotal 1\n"), [5]);
  assert.deepEqual(reads(undefined), [5]);
});

test("one that counts nowhere is not", () => {
  assert.deepEqual(reads("Total 0\n"), []);
});
