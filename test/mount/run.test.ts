// `procview run` on the running kernel.

import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { after, describe, test } from "node:test";
import {
  fileSystemProcessOf,
  inRun,
  nothingLeft,
  pidsRunning,
  procview,
  skip,
  startProcview,
  until,
} from "./harness.ts";

after(nothingLeft);

test("a 50 MiB container: the seeds' example", { skip }, () => {
  const before = readFileSync("/proc/meminfo", "utf8");
  const lines = inRun(["-m", "50m"], "head -5 /proc/meminfo; cat /proc/uptime").split("\n");
  assert.equal(lines[0], "MemTotal:          51200 kB");
  assert.deepEqual(
    lines.slice(1, 5).map((line) => line.split(":")[0]),
    ["MemFree", "MemAvailable", "Buffers", "Cached"],
  );
  assert.ok(Number(lines[5]?.split(" ")[0]) < 10, `uptime ${lines[5]}`);
  const after = readFileSync("/proc/meminfo", "utf8");
  assert.equal(after.split("\n")[0], before.split("\n")[0], "the host's own view is untouched");
});

describe("limits", { skip }, () => {
  test("CPUs: a fraction rounds up, everywhere the same count", () => {
    const script =
      "grep -c ^processor /proc/cpuinfo; grep -c '^cpu[0-9]' /proc/stat; getconf _NPROCESSORS_ONLN; getconf _NPROCESSORS_CONF; cat /sys/devices/system/cpu/online /sys/devices/system/cpu/present /sys/devices/system/cpu/possible; ls -d /sys/devices/system/cpu/cpu[0-9]*";
    const lines = inRun(["--cpus", "0.5"], script).trim().split("\n");
    assert.deepEqual(lines, ["1", "1", "1", "1", "0", "0", "0", "/sys/devices/system/cpu/cpu0"]);
  });
  test("a cpuset shows its CPUs under their own numbers", () => {
    const shown = inRun(
      ["--cpuset", "1"],
      "cat /sys/devices/system/cpu/online; grep ^processor /proc/cpuinfo; grep '^cpu[0-9]' /proc/stat; nproc",
    );
    assert.match(shown, /^1\nprocessor\t: 1\ncpu1 .*\n1\n$/);
  });
  test("--cpu-view host shows all CPUs, --cpu-view cpuset ignores the quota", () => {
    const host = readFileSync("/sys/devices/system/cpu/online", "utf8");
    assert.equal(inRun(["--cpus", "0.5", "--cpu-view", "host"], "cat /sys/devices/system/cpu/online"), host);
    assert.equal(inRun(["--cpus", "0.5", "--cpu-view", "cpuset"], "cat /sys/devices/system/cpu/online"), host);
  });
  test("--pids is enforced", () => {
    const { status, stderr } = procview(
      "run",
      "--pids",
      "5",
      "--",
      "sh",
      "-c",
      "for i in 1 2 3 4 5 6 7 8; do sleep 1 & done; wait",
    );
    assert.notEqual(status, 0);
    assert.match(stderr, /fork/i);
  });
  test("--no-swap shows none", () => {
    assert.match(
      inRun(["-m", "64m", "--no-swap"], "grep Swap /proc/meminfo; wc -l </proc/swaps"),
      /SwapTotal: +0 kB\nSwapFree: +0 kB\n1\n$/,
    );
  });
  test("--files binds only what it names", () => {
    assert.equal(inRun(["--files", "meminfo,uptime"], "grep -c ' procview-run ' /proc/self/mountinfo"), "2\n");
  });
  test("no file is empty, and every bind is read-only", () => {
    const script =
      "awk '$0 ~ / - fuse.procview / {print $5, $6}' /proc/self/mountinfo; for f in /proc/cpuinfo /proc/diskstats /proc/loadavg /proc/meminfo /proc/partitions /proc/slabinfo /proc/stat /proc/swaps /proc/uptime /proc/vmstat /proc/pressure/*; do [ -e $f ] && echo $f $(cat $f | wc -c); done; echo x 2>&- >/proc/meminfo || echo refused";
    for (const line of inRun(["-m", "64m"], script).trim().split("\n").slice(0, -1)) {
      if (line.includes(",")) assert.match(line, /^\S+ ro,nosuid,nodev,noexec,relatime$/);
      else assert.doesNotMatch(line, / 0$/);
    }
    assert.match(inRun([], script), /refused\n$/);
  });
});

describe("the command", { skip }, () => {
  test("its status is passed on", () => {
    for (const status of [0, 1, 42, 255])
      assert.equal(procview("run", "--", "sh", "-c", `exit ${status}`).status, status);
  });
  test("sees its own processes only, and is the first", () => {
    assert.equal(inRun([], "echo $$; ls -d /proc/[0-9]* | wc -l").split("\n")[0], "1");
  });
  test("gets arguments, input and environment as they are", () => {
    const { stdout } = procview("run", "--", "printf", "%s|", "a b", "--memory", "$x", "");
    assert.equal(stdout, "a b|--memory|$x||");
  });
  for (const [signal, status] of [
    ["SIGTERM", 143],
    ["SIGINT", 130],
    ["SIGHUP", 129],
  ] as const) {
    test(`${signal} ends a command that does not handle it, with status ${status}`, async () => {
      const child = startProcview(["run", "--", "sleep", "77"]);
      await until("it runs", () => pidsRunning("sleep 77").length === 1);
      child.kill(signal);
      const [code] = await once(child, "exit");
      assert.equal(code, status);
    });
  }
  test("handles a signal that it catches", async () => {
    const child = startProcview([
      "run",
      "--",
      "sh",
      "-c",
      "trap 'exit 9' USR1; echo ready; while :; do sleep 0.1; done",
    ]);
    await once(child.stdout!, "data");
    child.kill("SIGUSR1");
    assert.deepEqual(await once(child, "exit"), [9, null]);
  });
});

describe("crashes", { skip }, () => {
  test("the file-system process is killed: the command reads on", async () => {
    const script = "n=0; while [ $n -lt 40 ]; do head -1 /proc/meminfo || exit 1; n=$((n+1)); sleep 0.05; done";
    const child = startProcview(["run", "-m", "50m", "--", "sh", "-c", script]);
    let output = "";
    child.stdout?.on("data", (chunk: Buffer) => {
      output += chunk.toString();
    });
    for (let kill = 0; kill < 3; kill += 1) {
      const seen = output.length;
      await until("it reads", () => output.length > seen + 60 || child.exitCode !== null);
      const pid = fileSystemProcessOf(child);
      assert.ok(pid !== undefined);
      process.kill(pid, "SIGKILL");
    }
    assert.deepEqual(await once(child, "exit"), [0, null]);
    assert.equal(output, "MemTotal:          51200 kB\n".repeat(40));
  });
  test("`procview run` itself is killed: the command ends, nothing is left", async () => {
    const child = startProcview(["run", "-m", "50m", "--", "sh", "-c", "sleep 78 & sleep 78; true"]);
    await until("it runs", () => pidsRunning("sleep 78").length === 2);
    child.kill("SIGKILL");
    await once(child, "exit");
    await until("the command ends", () => pidsRunning("sleep 78").length === 0);
    await nothingLeft();
  });
  test("two runs at once do not disturb each other", async () => {
    const children = ["60m", "70m"].map((size) =>
      startProcview(["run", "-m", size, "--", "head", "-1", "/proc/meminfo"]),
    );
    const outputs = await Promise.all(children.map(async (child) => String(await child.stdout?.toArray())));
    assert.deepEqual(outputs, ["MemTotal:          61440 kB\n", "MemTotal:          71680 kB\n"]);
  });
});
