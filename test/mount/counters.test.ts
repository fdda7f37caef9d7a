// What a container was told once stays told: no counter goes back, whatever happens to its limits and to the server.

import assert from "node:assert/strict";
import { once } from "node:events";
import { cpus } from "node:os";
import { after, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { type TestCgroup, TestCgroups } from "./cgroups.ts";
import { fileSystemProcessOf, mounted, nothingLeft, SLOWNESS, skip, until } from "./harness.ts";
import { startContainer } from "./test-container.ts";

after(nothingLeft);

const FILES = ["proc/stat", "proc/uptime"];
const ROUNDS = 300;
const END = "end of round";

/** The numbers that must not decrease, by name: columns of each cpu line, and both of uptime. */
function counters(round: string): Map<string, readonly number[]> {
  const rows = new Map<string, readonly number[]>();
  for (const line of round.trim().split("\n")) {
    if (line.startsWith("cpu")) rows.set(line.split(/ +/, 1)[0] as string, line.split(/ +/).slice(1).map(Number));
    else if (/^[\d.]+ [\d.]+$/.test(line)) rows.set("uptime", line.split(" ").map(Number));
  }
  return rows;
}

/** Moves the quota up and down, and kills the server half-way. */
async function disturb(cgroup: TestCgroup, rounds: () => number, kill: () => void): Promise<void> {
  const quotas = [0.5, 2, 1, 1.5];
  let killed = false;
  for (let change = 0; rounds() < ROUNDS; change += 1) {
    cgroup.set({ cpus: quotas[change % quotas.length] as number });
    if (!killed && rounds() > ROUNDS / 2) {
      kill();
      killed = true;
    }
    await sleep(30 * SLOWNESS);
  }
  assert.ok(killed);
}

describe("counters", { skip: skip || (cpus().length < 2 && "needs two CPUs") }, () => {
  test("no line of stat and no number of uptime decreases, while the quota moves and the server is killed", async () => {
    await using mount = await mounted("--freshness", "0");
    await using cgroups = new TestCgroups();
    const cgroup = cgroups.make(`${cgroups.root}/docker/${"a".repeat(64)}`, { cpus: 2 });
    await using container = await startContainer({ cgroup, mount: mount.directory, files: FILES });
    container.start("while :; do :; done");
    const reader = container.start(
      `n=0; while [ $n -lt ${ROUNDS} ]; do cat /proc/stat /proc/uptime || exit 1; echo ${END}; n=$((n+1)); done`,
    );
    let output = "";
    reader.stdout?.on("data", (chunk: Buffer) => {
      output += chunk.toString();
    });
    const closed = once(reader, "close");
    const rounds = () => (reader.exitCode === null ? output.split(END).length - 1 : ROUNDS);
    await disturb(cgroup, rounds, () => process.kill(fileSystemProcessOf(mount.process) as number, "SIGKILL"));
    assert.deepEqual(await closed, [0, null]);

    const shown = output.split(END).slice(0, -1).map(counters);
    assert.equal(shown.length, ROUNDS);
    const last = new Map<string, readonly number[]>();
    for (const [number, round] of shown.entries()) {
      for (const [name, numbers] of round) {
        const before = last.get(name) ?? numbers;
        const grown = numbers.every((value, place) => value >= (before[place] as number));
        assert.ok(grown, `round ${number}, ${name}: ${numbers} after ${before}`);
        last.set(name, numbers);
      }
    }
    assert.deepEqual([...last.keys()].sort(), ["cpu", "cpu0", "cpu1", "uptime"]);
    assert.ok((last.get("cpu")?.[0] ?? 0) > (shown[0]?.get("cpu")?.[0] ?? 0), "time was told at all");
    await until("the next server was started", () => mount.log().includes("starting the next"));
  });
});
