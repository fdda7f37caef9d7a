// Files put into containers that run already, mended when the session is lost, and taken away again.

import assert from "node:assert/strict";
import { mkdtempDisposableSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import type { ContainerStatus } from "../../cli/report-text.ts";
import { bareContainer } from "./bare-container.ts";
import { lacks, nothingLeft, runProgram, skip } from "./harness.ts";
import { limitBytes, memTotal } from "./limit-numbers.ts";
import { type NodeRoot, nodeRoot } from "./node-root.ts";

after(nothingLeft);

const HOST = readFileSync("/proc/meminfo", "utf8").split("\n", 1)[0]?.replaceAll(/ +/g, " ");
/** ENOTCONN; ECONNABORTED for whom asked as the session went. */
const SESSION_LOST = /^error (107|103)$/;
const ours = (line: number) => memTotal(limitBytes(line)).trim();

/** Files and their states or outcomes of the only container, by `status` and its like. */
function filesIn(json: string, word: "state" | "outcome" = "state"): Record<string, string> {
  const { containers } = JSON.parse(json) as { containers: ContainerStatus[] };
  assert.equal(containers.length, 1, json);
  return Object.fromEntries(containers[0]!.files.map((file) => [file.path.replace("proc/", ""), file[word] ?? ""]));
}

describe("a container that runs", { skip: skip || lacks("runc") || lacks("cc") }, () => {
  let node: NodeRoot;
  before(async () => {
    node = await nodeRoot();
  });
  after(() => node[Symbol.asyncDispose]());

  for (const [what, options] of [
    ["with nothing in it and a read-only root", {}],
    ["of a user namespace", { userNamespace: true }],
  ] as const) {
    test(`${what} is attached to, and left as it was`, async () => {
      using container = bareContainer({ memoryBytes: limitBytes(1), ...options });
      assert.equal(await container.reads(), HOST);
      const before = container.mounts();
      const pid = ["--pid", String(container.pid)];
      const attached = filesIn(node.command("attach", ...pid, "--json"), "outcome");
      assert.equal(attached["meminfo"], "attached");
      assert.equal(attached["vmstat"], "attached");
      assert.equal(await container.reads(), ours(1));
      for (const mount of container.mounts().filter(({ source }) => source === `procview:${node.mountRoot}`)) {
        for (const option of ["ro", "nosuid", "nodev", "noexec"]) assert.ok(mount.options.includes(option), option);
        assert.equal(mount.peerGroup, undefined);
      }
      assert.deepEqual(new Set(Object.values(filesIn(node.command("status", "--json")))), new Set(["own"]));
      assert.match(node.command("check"), /1 containers, 0 files wrong/);
      const again = filesIn(node.command("attach", ...pid, "--json"), "outcome");
      assert.deepEqual(new Set(Object.values(again)), new Set(["kept"]));
      node.command("detach", ...pid);
      assert.equal(await container.reads(), HOST);
      assert.deepEqual(container.mounts(), before);
      assert.doesNotMatch(container.log(), /error/);
    });
  }

  test("is attached to from another container, as by the agent in its own", async () => {
    using container = bareContainer({ memoryBytes: limitBytes(3) });
    const program = new URL("./programs/attach-from-elsewhere.ts", import.meta.url).pathname;
    const words = [process.execPath, program, node.mountRoot, process.pid, container.pid];
    const script = `umount -l '${node.mountRoot}' && exec ${words.join(" ")}`;
    const { stdout, stderr } = runProgram("unshare", ["--mount", "sh", "-c", script]);
    assert.equal(stdout, "attached\n", stderr);
    assert.equal(await container.reads(), ours(3));
    node.command("detach", "--pid", String(container.pid));
  });

  test("what it has mounted itself stays", async () => {
    using folder = mkdtempDisposableSync(join(tmpdir(), "procview-own-"));
    const file = join(folder.path, "uptime");
    writeFileSync(file, "its own\n");
    using container = bareContainer({
      memoryBytes: limitBytes(2),
      reads: ["/proc/meminfo", "/proc/uptime"],
      mounts: [{ destination: "/proc/uptime", type: "bind", source: file, options: ["bind", "ro"] }],
    });
    const pid = ["--pid", String(container.pid), "--files", "meminfo,uptime"];
    assert.deepEqual(filesIn(node.command("attach", ...pid, "--json"), "outcome"), {
      meminfo: "attached",
      uptime: "own-mount",
    });
    assert.equal(await container.reads(), ours(2));
    assert.equal(await container.reads("/proc/uptime"), "its own");
    node.command("umount", "--all");
    assert.equal(await container.reads("/proc/uptime"), "its own");
    assert.equal(await container.reads(), HOST);
  });
});

describe("a session that is lost", { skip: skip || lacks("runc") || lacks("cc") }, () => {
  test("is mended: right numbers, nothing stacked", async () => {
    await using node = await nodeRoot();
    using container = bareContainer({ memoryBytes: limitBytes(3), reads: ["/proc/meminfo", "/proc/uptime"] });
    node.command("attach", "--pid", String(container.pid));
    assert.equal(await container.reads(), ours(3));
    const mountPoints = () =>
      container
        .mounts()
        .map(({ mountPoint }) => mountPoint)
        .sort();
    const before = mountPoints();
    for (let round = 0; round < 2; round += 1) {
      await node.loseSession();
      assert.match(await container.reads(), SESSION_LOST);
      assert.equal(node.attempt("check").status, 116);
      await node.serve();
      assert.equal(filesIn(node.command("status", "--json"))["meminfo"], "stale");
      assert.equal(node.attempt("check").status, 117);
      assert.equal(filesIn(node.command("remount", "--all", "--json"), "outcome")["meminfo"], "reattached");
      assert.equal(await container.reads(), ours(3));
      assert.ok(Number((await container.reads("/proc/uptime")).split(" ")[0]) < 60);
      assert.deepEqual(mountPoints(), before);
    }
  });

  test("containers get the host's files back, with nobody to serve", async () => {
    await using node = await nodeRoot();
    using container = bareContainer({ memoryBytes: limitBytes(4) });
    const before = container.mounts();
    node.command("attach", "--pid", String(container.pid));
    await node.loseSession();
    assert.match(await container.reads(), SESSION_LOST);
    assert.equal(node.attempt("remount", "--all").status, 116);
    node.command("umount", "--container", container.id);
    assert.equal(await container.reads(), HOST);
    assert.deepEqual(container.mounts(), before);
  });
});
