// What an agent in a pod does in the mount namespace of the host: here, of another process.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { detachMountsIn, removeIn } from "../../node-agent/linux/mount-namespace.ts";
import { skip } from "./harness.ts";

test("mounts are detached, and directories removed that are mount points elsewhere", { skip }, async () => {
  const root = mkdtempSync(join(tmpdir(), "procview-namespace-"));
  const [fs, run] = [join(root, "fs"), join(root, "run")];
  for (const directory of [fs, run]) mkdirSync(directory);
  writeFileSync(join(run, "note.json"), "{}");
  const mounting = `mount -t tmpfs one '${fs}' && mount -t tmpfs two '${fs}' && echo up && exec sleep 1000`;
  const child = spawn("unshare", ["--mount", "sh", "-c", mounting], { stdio: ["ignore", "pipe", "inherit"] });
  try {
    await once(child.stdout, "data");
    const there = () => readFileSync(`/proc/${child.pid}/mountinfo`, "utf8").includes(` ${fs} `);
    assert.ok(there());
    const namespace = `/proc/${child.pid}/ns/mnt`;
    await detachMountsIn(namespace, fs);
    assert.ok(!there());
    // What is done already is no failure.
    await detachMountsIn(namespace, fs);
    writeFileSync(join(root, "mine"), "");
    await removeIn(namespace, [run], [fs, root]);
    assert.deepEqual([run, fs, root].map(existsSync), [false, false, true]);
    rmSync(join(root, "mine"));
    await removeIn(namespace, [run], [fs, root]);
    await removeIn(namespace, [run], [fs, root]);
    assert.ok(!existsSync(root));
  } finally {
    const exited = once(child, "exit");
    child.kill("SIGKILL");
    await exited;
  }
});
