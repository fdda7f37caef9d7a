// --freshness 0: a file is rendered when it is opened. What that costs, that who keeps a file open and rewinds sees new
// numbers, and that nothing is torn by the death of the server.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { VIRTUAL_FILES } from "../../contract/virtual-files.ts";
import { TestCgroups } from "./cgroups.ts";
import { fileSystemProcessOf, lacks, mounted, nothingLeft, procview, SLOWNESS, skip, until } from "./harness.ts";
import { startContainer } from "./test-container.ts";

const SOURCE = new URL("./programs/torn-reader.c", import.meta.url).pathname;
/** In the trace: node ids end in the index of the file, five hexadecimal digits. */
const LOADAVG = new RegExp(`^(?:OPEN|READ) n[0-9a-f]+${indexOf("proc/loadavg")} `);
const READINGS = 20;
const BETWEEN_MILLIS = 20 * SLOWNESS;
const KILLS = 4;
const KILL_INTERVAL_MILLIS = 1000;
/** Longer than a reading may take: whoever reads again then has rewound. */
const PAUSE_MILLIS = 700;

after(nothingLeft);

function indexOf(path: string): string {
  const index = VIRTUAL_FILES.find((file) => file.path === path)?.index ?? assert.fail(path);
  return index.toString(16).padStart(5, "0");
}

/** Runs a script of Node in a run that computes at every open. */
function node(script: string): { stdout: string; stderr: string } {
  const command = [process.execPath, "-e", `const fs = require("node:fs"); ${script}`];
  const { status, stdout, stderr } = procview(
    "run",
    "-m",
    "300m",
    "--freshness",
    "0",
    "--workers",
    "2",
    "--trace",
    "--",
    ...command,
  );
  assert.equal(status, 0, stderr);
  return { stdout, stderr };
}

describe("freshness 0", { skip }, () => {
  test("with a worker to spare, a reading of a file that keeps its size costs an OPEN, and now and then a GETATTR", () => {
    const { stdout, stderr } = node(
      `const seen = new Set();
      for (let i = 0; i < ${READINGS}; i += 1) {
        seen.add(fs.readFileSync("/proc/loadavg", "latin1").length);
        // The kernel waits for nobody to hear of a close(2): opened before that, the file has an owner still.
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ${BETWEEN_MILLIS});
      }
      console.log(seen.size)`,
    );
    const file = stderr.split("\n").filter((line) => LOADAVG.test(line));
    const opens = file.filter((line) => line.startsWith("OPEN")).length;
    assert.equal(opens, READINGS, stderr);
    // The first reading fills the page, and each that changes the size.
    assert.ok(file.length - opens <= 2 * Number(stdout), `${file.length - opens} READs: ${stderr}`);
  });

  test("who keeps a file open and reads it again sees new numbers, alone and with others", () => {
    const { stdout } = node(`
      const files = [0, 1].map(() => fs.openSync("/proc/uptime"));
      const read = (fd) => { const bytes = Buffer.alloc(100); return bytes.toString("latin1", 0, fs.readSync(fd, bytes, 0, 100, 0)); };
      const before = files.map(read);
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ${PAUSE_MILLIS});
      console.log(JSON.stringify(files.map((fd, i) => [parseFloat(before[i]), parseFloat(read(fd))])));`);
    for (const [before, now] of JSON.parse(stdout)) {
      assert.ok(now - before >= PAUSE_MILLIS / 1000 - 0.1, `${now} s after ${before} s`);
    }
  });

  test("no reading mixes two renderings, and none fails, while the server is killed", {
    skip: lacks("cc"),
  }, async () => {
    const folder = mkdtempSync(join(tmpdir(), "procview-opened-"));
    try {
      const program = join(folder, "torn-reader");
      const built = spawnSync("cc", ["-O2", "-pthread", "-o", program, SOURCE], { encoding: "utf8" });
      assert.equal(built.status, 0, built.stderr);
      await using mount = await mounted("--freshness", "0");
      await using cgroups = new TestCgroups();
      const cgroup = cgroups.make(`${cgroups.root}/docker/${"a".repeat(64)}`, { cpus: 2 });
      await using container = await startContainer({ cgroup, mount: mount.directory, files: ["proc/stat"] });
      const seconds = ((KILLS + 1) * KILL_INTERVAL_MILLIS * SLOWNESS) / 1000;
      const reader = container.start(`exec ${program} /proc/stat ${seconds} 8 7,500,65536 2>&1`);
      let output = "";
      reader.stdout?.on("data", (chunk: Buffer) => {
        output += chunk.toString();
      });
      const closed = once(reader, "close");
      for (let kill = 0; kill < KILLS; kill += 1) {
        await sleep(KILL_INTERVAL_MILLIS * SLOWNESS);
        await until("a server runs", () => fileSystemProcessOf(mount.process) !== undefined);
        process.kill(fileSystemProcessOf(mount.process) as number, "SIGKILL");
      }
      assert.deepEqual(await closed, [0, null], output);
      const [reads = 0, distinct = 0] = output.split(" ").map(Number);
      assert.ok(distinct >= 5 && reads >= distinct, output);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
