// Touches the mount as a reader does, in a helper with a time limit: a mount that hangs would hang whoever touches it.

import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";

export type TouchResult = { ok: true; seconds: number } | { ok: false; reason: string };

const PROBED = "proc/uptime";
const READ = `const text = require("fs").readFileSync(process.argv[1]); process.exit(text.length > 0 ? 0 : 3);`;
const POKE = `for (let n = Number(process.argv[2]); n > 0; n -= 1) require("fs").statfsSync(process.argv[1]);`;

/** Reads a file through the mount. */
export function readThroughMount(mountPoint: string, limitMillis: number): Promise<TouchResult> {
  return finished(helper(READ, join(mountPoint, PROBED)), limitMillis);
}

/** Sends requests that wake workers up: each answers one. */
export function pokeMount(mountPoint: string, count: number, limitMillis: number): Promise<TouchResult> {
  return finished(helper(POKE, mountPoint, String(count)), limitMillis);
}

function helper(script: string, ...args: string[]): ChildProcess {
  return spawn(process.execPath, ["-e", script, ...args], { stdio: ["ignore", "ignore", "pipe"], cwd: "/" });
}

function finished(child: ChildProcess, limitMillis: number): Promise<TouchResult> {
  const startedAt = performance.now();
  let said = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    said += chunk.toString();
  });
  return new Promise((resolve) => {
    const limit = setTimeout(() => {
      // It may not go before the mount answers: it is left to its fate.
      child.kill("SIGKILL");
      child.unref();
      resolve({ ok: false, reason: `no answer within ${limitMillis} ms` });
    }, limitMillis);
    child.once("error", (error) => resolve({ ok: false, reason: error.message }));
    child.once("exit", (code, signal) => {
      clearTimeout(limit);
      const seconds = (performance.now() - startedAt) / 1000;
      if (code === 0) resolve({ ok: true, seconds });
      else resolve({ ok: false, reason: /Error: .*/.exec(said)?.[0] ?? `helper ended (${signal ?? code})` });
    });
  });
}
