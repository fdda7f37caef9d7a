// Runtimes that call `procview hook`: the very first read in the container is right, and nothing was bound by hand.

import assert from "node:assert/strict";
import { mkdirSync, mkdtempDisposableSync, writeFileSync } from "node:fs";
import { copyFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { bareContainer, builtReader } from "./bare-container.ts";
import { lacks, nothingLeft, PROGRAM, skip, TEST_NAME, until } from "./harness.ts";
import { limitBytes, memTotal } from "./limit-numbers.ts";
import { type NodeRoot, nodeRoot } from "./node-root.ts";
import { nothingLeftOfPodman, PODMAN_LIMITS, podmanIn } from "./podman.ts";

after(nothingLeft);

const ours = (number: number) => `/proc/meminfo: ${memTotal(limitBytes(number)).trim()}`;
const firstLine = (log: string) => log.split("\n", 1)[0]?.replaceAll(/ +/g, " ");

describe("a hook", { skip: skip || lacks("runc") || lacks("cc") }, () => {
  let node: NodeRoot;
  before(async () => {
    node = await nodeRoot();
  });
  after(() => node[Symbol.asyncDispose]());
  const hook = (...args: string[]) => ({
    path: process.execPath,
    args: ["node", PROGRAM, "hook", "--root", node.root, ...args],
    env: [`PATH=${process.env["PATH"]}`],
  });

  for (const [number, stage] of (["createRuntime", "prestart"] as const).entries()) {
    for (const userNamespace of [false, true]) {
      test(`of runc, ${stage}${userNamespace ? ", with a user namespace" : ""}`, async () => {
        const memoryBytes = limitBytes(number);
        using container = bareContainer({ memoryBytes, userNamespace, hooks: { [stage]: [hook()] } });
        await container.reads();
        assert.equal(firstLine(container.log()), ours(number));
        const { containers } = JSON.parse(node.command("status", "--json"));
        assert.deepEqual(
          new Set(containers.flatMap(({ files }: { files: { state: string }[] }) => files.map(({ state }) => state))),
          new Set(["own"]),
        );
      });
    }
  }

  test("that cannot do its work lets the container start", async () => {
    const elsewhere = hook();
    elsewhere.args[elsewhere.args.indexOf(node.root)] = "/nonexistent";
    using container = bareContainer({ memoryBytes: limitBytes(5), hooks: { createRuntime: [elsewhere] } });
    assert.match(await container.reads(), /^MemTotal: /);
    elsewhere.args.push("--strict");
    assert.throws(() => bareContainer({ memoryBytes: limitBytes(5), hooks: { createRuntime: [elsewhere] } }));
  });

  test("of podman", { skip: lacks("podman") }, async () => {
    using folder = mkdtempDisposableSync(join(tmpdir(), "procview-podman-"));
    const rootfs = join(folder.path, "rootfs");
    const hooks = join(folder.path, "hooks");
    for (const name of [hooks, rootfs]) mkdirSync(name);
    await copyFile(builtReader(), join(rootfs, "reader"));
    const description = { version: "1.0.0", hook: hook(), when: { always: true }, stages: ["createRuntime"] };
    writeFileSync(join(hooks, "procview.json"), JSON.stringify(description));
    const podman = podmanIn(folder.path);
    const limits = ["--memory", String(limitBytes(6)), ...PODMAN_LIMITS, "--name", TEST_NAME];
    const started = podman(
      `--hooks-dir=${hooks}`,
      "run",
      "--detach",
      ...limits,
      "--rootfs",
      rootfs,
      "/reader",
      "/proc/meminfo",
    );
    try {
      assert.equal(started.status, 0, started.stderr);
      const log = () => podman("logs", TEST_NAME).stdout;
      await until("it has read", () => log() !== "");
      assert.equal(firstLine(log()), ours(6));
    } finally {
      podman("rm", "--force", "--time=0", TEST_NAME);
      await nothingLeftOfPodman(folder.path);
    }
  });
});
