// What the image brings compiled is what its processes look for: nothing is stripped of types, or compiled, at their start.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, rmdirSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { ENGINE_FLAGS } from "../../node-agent/session/engine-flags.ts";
import { nothingLeft, PROGRAM, runProgram, SLOWNESS, skip, until } from "./harness.ts";

after(nothingLeft);

const WARM = new URL("../../packaging/image/warm-compile-cache.ts", import.meta.url).pathname;
const skipped = skip || (SLOWNESS > 1 && "the kernel has no part in it");

test("all that `procview mount` and its server load is in the image's compile cache", { skip: skipped }, async () => {
  const folder = process.env["TMPDIR"] as string;
  const cache = join(folder, "cache");
  assert.equal(runProgram(process.execPath, ["--no-warnings", WARM, cache]).status, 0);
  const directory = join(folder, "mount");
  mkdirSync(directory);
  const mount = spawn(process.execPath, [PROGRAM, "mount", directory], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, NODE_COMPILE_CACHE: cache, NODE_DEBUG_NATIVE: "COMPILE_CACHE" },
  });
  let log = "";
  mount.stderr.on("data", (chunk: Buffer) => {
    log += chunk.toString();
  });
  let output = "";
  mount.stdout.on("data", (chunk: Buffer) => {
    output += chunk.toString();
  });
  await until("it serves", () => output.includes("serving") || mount.exitCode !== null);
  assert.equal(mount.exitCode, null, log.slice(-1000));
  mount.kill("SIGTERM");
  await once(mount, "exit");
  rmdirSync(directory);
  const lines = log.split("\n");
  for (const flags of [[], ENGINE_FLAGS]) {
    const reading = `reading cache from ${cache}/${tag(flags)}`;
    const looked = lines.filter((line) => line.includes(reading));
    assert.ok(looked.length > 50, `${looked.length} files, ${flags.join(" ")}`);
  }
  // The program itself is loaded before it enables its cache. Threads write over each other: a line may have two beginnings.
  const missed = lines.filter(
    (line) => /no such file|no transpile cache|rejected/.test(line) && !line.includes(PROGRAM),
  );
  assert.deepEqual(missed, []);
});

/** How Node names the cache of a process with those flags. */
function tag(flags: readonly string[]): string {
  const script = "process.stdout.write(v8.cachedDataVersionTag().toString(16))";
  const { stdout } = runProgram(process.execPath, [...flags, "-e", script]);
  return `${process.version}-${process.arch}-${stdout}`;
}
