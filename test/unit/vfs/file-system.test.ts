// The file system over a captured machine, asked as the kernel asks.

import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { HostFiles } from "../../../node-agent/host/host-files.ts";
import { archiveOf, capturedFile, hostFiles, unpack } from "../../fixture-host.ts";
import { body, message, type ReplyFields } from "../../fuse-messages.ts";
import { type ServedFixture, serveFixture } from "../../served-fixture.ts";

const HOST = "v2-6.1-x86_64-4cpu-swap";
const HYBRID = "hybrid-6.18-x86_64-2cpu";
const files = hostFiles(HOST);
const ENOENT = 2;
const ESRCH = 3;
const EPERM = 1;
const ENOTDIR = 20;
const EISDIR = 21;
const EINVAL = 22;
const EROFS = 30;
const ESTALE = 116;

/** A process in a container of 200 MiB and 1.5 CPUs. */
const inContainer = firstPidIn(files, "0::/system.slice/docker-5bc34a27");
const HOST_PID = 1;

function firstPidIn(machine: HostFiles, cgroup: string): number {
  for (const name of machine.names("proc")) {
    if (/^\d+$/.test(name) && machine.text(`proc/${name}/cgroup`).includes(cgroup)) return Number(name);
  }
  throw new Error(`nobody is in ${cgroup}`);
}

const isSymlink = (entry: ReplyFields) => (entry.body.readUInt32LE(40 + 60) & 0o170000) === 0o120000;

/** As the kernel walks: symbolic links are followed. */
function walk(served: ServedFixture, path: string, tid: number): ReplyFields {
  let nodeid = 1n;
  let reply: ReplyFields | undefined;
  const names = path.split("/");
  for (let name = names.shift(); name !== undefined; name = names.shift()) {
    reply = served.ask(message({ opcode: 1, nodeid, tid, body: body.name(name) })) as ReplyFields;
    if (reply.error !== 0) return reply;
    if (!isSymlink(reply)) {
      nodeid = nodeidOf(reply);
      continue;
    }
    reply = served.ask(message({ opcode: 5, nodeid: nodeidOf(reply), tid })) as ReplyFields;
    if (reply.error !== 0) return reply;
    names.unshift(...reply.body.toString("latin1").split("/"));
  }
  return reply as ReplyFields;
}

const nodeidOf = (entry: ReplyFields) => entry.body.readBigUInt64LE(0);
const sizeOf = (entry: ReplyFields) => Number(entry.body.readBigUInt64LE(40 + 8));
const attrValidNanos = (entry: ReplyFields) =>
  Number(entry.body.readBigUInt64LE(24)) * 1e9 + entry.body.readUInt32LE(36);

function read(served: ServedFixture, nodeid: bigint, offset = 0n, size = 65_536): string {
  const reply = served.ask(message({ opcode: 15, nodeid, tid: 0, body: body.read(offset, size) }));
  assert.equal(reply?.error, 0);
  return reply.body.toString("latin1");
}

function names(served: ServedFixture, nodeid: bigint, tid: number): string[] {
  const found: string[] = [];
  for (let offset = 0n; ; ) {
    const reply = served.ask(message({ opcode: 28, nodeid, tid, body: body.read(offset, 512) })) as ReplyFields;
    if (reply.body.length === 0) return found;
    for (let at = 0; at < reply.body.length; ) {
      const length = reply.body.readUInt32LE(at + 16);
      found.push(reply.body.toString("latin1", at + 24, at + 24 + length));
      offset = reply.body.readBigUInt64LE(at + 8);
      at += Math.ceil((24 + length) / 8) * 8;
    }
  }
}

describe("a caller on the host", () => {
  const served = serveFixture(files);
  for (const path of [
    "proc/meminfo",
    "proc/stat",
    "proc/slabinfo",
    "proc/pressure/io",
    "sys/devices/system/cpu/online",
  ]) {
    test(`reads the host's /${path}, byte for byte`, () => {
      const entry = walk(served, path, HOST_PID);
      assert.equal(entry.error, 0);
      const content = capturedFile(HOST, path);
      assert.equal(sizeOf(entry), content.length);
      assert.equal(read(served, nodeidOf(entry)), content);
      assert.ok(nodeidOf(entry) < 2n ** 20n, "the host's inode");
    });
  }
});

describe("a caller in a container", () => {
  test("gets an inode of its container, which keeps the container's numbers whoever reads", () => {
    const served = serveFixture(files);
    const own = walk(served, "proc/meminfo", inContainer);
    const hosts = walk(served, "proc/meminfo", HOST_PID);
    assert.notEqual(nodeidOf(own), nodeidOf(hosts));
    const text = read(served, nodeidOf(own));
    assert.notEqual(text, capturedFile(HOST, "proc/meminfo"));
    assert.equal(text.length, sizeOf(own));
    assert.equal(nodeidOf(walk(served, "proc/meminfo", inContainer)), nodeidOf(own));
  });

  test("a successor that never handed the inode out answers for it", () => {
    const nodeid = nodeidOf(walk(serveFixture(files), "proc/uptime", inContainer));
    const successor = serveFixture(files);
    assert.match(read(successor, nodeid), /^\d+\.\d\d \d+\.\d\d\n$/);
    assert.deepEqual(successor.renderFailures, []);
  });

  test("nothing is kept of a container that was just met", () => {
    assert.equal(attrValidNanos(walk(serveFixture(files), "proc/meminfo", inContainer)), 0);
  });

  test("its walk and the host's meet at no name that leads to two nodes: none is unhashed under another's feet", () => {
    const served = serveFixture(files);
    const met = new Map<string, bigint>();
    for (const tid of [inContainer, HOST_PID, inContainer]) {
      const { body: target } = served.ask(message({ opcode: 5, nodeid: 11n, tid })) as ReplyFields;
      let path = "";
      for (const name of `${target.toString("latin1")}/meminfo`.split("/")) {
        path += `/${name}`;
        const nodeid = nodeidOf(walk(served, path.slice(1), tid));
        assert.equal(met.get(path) ?? nodeid, nodeid, path);
        met.set(path, nodeid);
      }
    }
    assert.equal([...met.keys()].filter((path) => path.endsWith("/proc/meminfo")).length, 2);
  });

  test("`containers/KEY` shows its files to root on the host", () => {
    const served = serveFixture(files);
    const own = walk(served, "proc/cpuinfo", inContainer);
    const key = nodeidOf(own) >> 20n;
    assert.equal(nodeidOf(walk(served, `containers/${key}/proc/cpuinfo`, HOST_PID)), nodeidOf(own));
    assert.ok(names(served, 10n, HOST_PID).includes(String(key)));
    assert.equal(walk(served, "containers/12345678", HOST_PID).error, ENOENT);
    assert.equal(walk(served, "containers/x", HOST_PID).error, ENOENT);
  });
});

describe("a container that goes", () => {
  test("one of its cgroups is gone: that is a failure, not the absence of a limit, however often it is asked", async () => {
    const folder = unpack(archiveOf(HYBRID));
    const machine = new HostFiles({ procfs: join(folder, "proc"), sysfs: join(folder, "sys") });
    const pid = firstPidIn(machine, "memory:/procview-capture/docker/");
    const served = serveFixture(machine);
    assert.equal(walk(served, "proc/uptime", pid).error, 0);
    rmSync(join(folder, "sys/fs/cgroup/memory/procview-capture/docker"), { recursive: true });
    // What is known of limits counts only for a container whose first second is over.
    await sleep(1100);
    for (const _ of [1, 2, 3]) {
      assert.equal(walk(served, "proc/swaps", pid).error, 0);
      // Who may be in the middle of it keeps a file as it is for some milliseconds.
      await sleep(6);
    }
    assert.deepEqual(
      served.renderFailures,
      ["fallback", "last good", "last good"].map((shown) => ({ path: "proc/swaps", served: shown })),
    );
  });
});

describe("listings", () => {
  const served = serveFixture(files);
  test("the root and /proc, in parts of 512 bytes", () => {
    assert.deepEqual(names(served, 1n, HOST_PID), [".", "..", "proc", "sys", "containers", "host"]);
    assert.deepEqual(names(served, 2n, HOST_PID).slice(2).sort(), [
      ..."cpuinfo diskstats loadavg meminfo partitions pressure slabinfo stat swaps uptime vmstat".split(" "),
    ]);
  });
  test("every name that is listed can be looked up, and READDIRPLUS lists the same", () => {
    const plus = served.ask(
      message({ opcode: 44, nodeid: 2n, tid: HOST_PID, body: body.read(0n, 65_536) }),
    ) as ReplyFields;
    for (const name of names(served, 2n, HOST_PID).slice(2)) {
      assert.equal(walk(served, `proc/${name}`, HOST_PID).error, 0, name);
      assert.ok(plus.body.includes(name));
    }
  });
  test("CPUs are those of the view, whoever looks", () => {
    const cpus = (tid: number) => {
      const directory = nodeidOf(walk(served, "sys/devices/system/cpu", tid));
      return names(served, directory, HOST_PID).filter((name) => /^cpu\d+$/.test(name));
    };
    assert.deepEqual(cpus(HOST_PID), ["cpu0", "cpu1", "cpu2", "cpu3"]);
    assert.equal(
      `${cpus(inContainer)
        .map((name) => name.slice(3))
        .join(",")}`,
      "0,1",
    );
    assert.equal(walk(served, "sys/devices/system/cpu/cpu3", HOST_PID).error, 0);
    assert.equal(walk(served, "sys/devices/system/cpu/cpu3", inContainer).error, ENOENT);
  });
});

describe("errors", () => {
  const served = serveFixture(files);
  const ask = (opcode: number, nodeid: bigint, bytes: Buffer, tid = HOST_PID) =>
    served.ask(message({ opcode, nodeid, tid, body: bytes }))?.error;
  test("names that do not exist, files taken for directories and the reverse", () => {
    assert.equal(walk(served, "proc/nosuch", HOST_PID).error, ENOENT);
    assert.equal(walk(served, "proc/meminfo/x", HOST_PID).error, ENOTDIR);
    assert.equal(ask(28, 35n, body.read(0n, 4096)), ENOTDIR);
    assert.equal(ask(15, 2n, body.read(0n, 4096)), EISDIR);
    assert.equal(ask(3, 31n, body.getattr(0)), ESTALE);
  });
  test("a caller that ended, and one that cannot be seen", () => {
    assert.equal(ask(5, 11n, body.zeros(0), 999_999), ESRCH);
    assert.equal(ask(5, 11n, body.zeros(0), 0), EPERM);
  });
  test("what is no symbolic link leads nowhere", () => {
    for (const nodeid of [1n, 2n, 35n]) assert.equal(ask(5, nodeid, body.zeros(0)), EINVAL);
  });
  test("writes of every kind", () => {
    for (const opcode of [4, 6, 8, 9, 10, 11, 12, 13, 16, 35, 45])
      assert.equal(ask(opcode, 35n, body.zeros(64)), EROFS);
  });
  test("a container that is gone: the host's bytes, and it is said", () => {
    const nodeid = (424_242n << 20n) | 35n;
    assert.equal(read(served, nodeid), capturedFile(HOST, "proc/meminfo"));
    assert.deepEqual(served.renderFailures, [{ path: "proc/meminfo", served: "fallback" }]);
  });
  test("nothing of this was a fault of ours", () => assert.deepEqual(served.failures, []));
});
