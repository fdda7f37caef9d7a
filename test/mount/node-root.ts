// A root as a node has it, its tree served at fs/; its session can be lost.

import assert from "node:assert/strict";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  fileSystemProcessOf,
  mountPoints,
  type Outcome,
  procview,
  runProgram,
  startProcview,
  until,
} from "./harness.ts";

export interface NodeRoot extends AsyncDisposable {
  root: string;
  mountRoot: string;
  /** The process that answers the kernel. */
  server(): number;
  /** `procview COMMAND --root` with all that it prints; fails unless it succeeds. */
  command(...args: string[]): string;
  /** The same, whatever comes of it. */
  attempt(...args: string[]): Outcome;
  /** Kills every process of the mount at once: who reads then gets ENOTCONN. */
  loseSession(): Promise<void>;
  /** Frees the root of the dead mount and serves it anew. */
  serve(): Promise<void>;
}

export async function nodeRoot(): Promise<NodeRoot> {
  const root = mkdtempSync(join(tmpdir(), "procview-mount-"));
  const mountRoot = join(root, "fs");
  mkdirSync(mountRoot);
  let child: ChildProcess | undefined;
  const attempt = (...args: string[]): Outcome => procview(...args, "--root", root);
  const serve = async (): Promise<void> => {
    assert.equal(attempt("prestart").status, 0);
    const started = startProcview(["mount", mountRoot]);
    let output = "";
    for (const stream of [started.stdout, started.stderr]) {
      stream?.on("data", (chunk: Buffer) => {
        output += chunk.toString();
      });
    }
    await until("the tree is served", () => output.includes("serving") || started.exitCode !== null);
    assert.equal(started.exitCode, null, output);
    child = started;
  };
  const server = (): number => {
    const pid = child && fileSystemProcessOf(child);
    assert.ok(pid !== undefined, "nothing answers");
    return pid;
  };
  await serve();
  return {
    root,
    mountRoot,
    server,
    attempt,
    serve,
    command: (...args) => {
      const { status, stdout, stderr } = attempt(...args);
      assert.equal(status, 0, `${args.join(" ")}: ${stderr}${stdout}`);
      return stdout;
    },
    async loseSession() {
      assert.ok(child !== undefined);
      const exited = once(child, "exit");
      const answering = server();
      // One after the other they would mend it, or clean up.
      child.kill("SIGSTOP");
      process.kill(answering, "SIGKILL");
      child.kill("SIGKILL");
      await exited;
    },
    async [Symbol.asyncDispose]() {
      if (child !== undefined && child.exitCode === null && child.signalCode === null) {
        child.kill("SIGTERM");
        await once(child, "exit");
      }
      if (mountPoints().includes(mountRoot)) runProgram("umount", ["-l", mountRoot]);
      await until("the mount is gone", () => !mountPoints().includes(mountRoot));
      rmdirSync(mountRoot);
      rmdirSync(root);
    },
  };
}
