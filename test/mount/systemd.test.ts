// The file descriptor store of systemd as keeper. systemd itself is not here: fake-systemd.py does what it does.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { agentPaths } from "../../node-agent/agent/agent-options.ts";
import { requireAllRight } from "../readings.ts";
import { kill } from "./agents.ts";
import { TestCgroups } from "./cgroups.ts";
import { lacks, mountPoints, nothingLeft, pidsOf, runProgram, SLOWNESS, skip, until } from "./harness.ts";
import { SteadyReaders } from "./steady-readers.ts";

after(nothingLeft);

const FAKE = new URL("./programs/fake-systemd.py", import.meta.url).pathname;
const PROGRAM = new URL("../../cli/procview.js", import.meta.url).pathname;
const UNIT = new URL("../../packaging/systemd/procview.service", import.meta.url);

/** One death so soon after the other that a reading meets two of them. */
const ROUNDS = 12;
const CONTAINERS = 8;

describe("a session in the file descriptor store", { skip: skip || lacks("cc") || lacks("python3") }, () => {
  test("outlives agents that are killed with all their processes", async () => {
    const folder = mkdtempSync(join(tmpdir(), "procview-systemd-"));
    const { mountPoint } = agentPaths(folder);
    const flags = ["--root", folder, "--listen", "127.0.0.1:0", "--keeper", "systemd"];
    const command = [join(folder, "notify.sock"), process.execPath, PROGRAM, "agent", ...flags];
    const systemd = spawn("/usr/bin/python3", [FAKE, ...command], { stdio: ["ignore", "pipe", "inherit"] });
    let output = "";
    systemd.stdout.on("data", (chunk: Buffer) => {
      output += chunk.toString();
    });
    const count = (text: string): number => output.split(text).length - 1;
    try {
      await until("it is ready", () => count("READY=1") === 1);
      assert.equal(count("FDSTORE=1"), 3);
      const device = deviceOf(mountPoint);
      await using cgroups = new TestCgroups();
      await using readers = new SteadyReaders(cgroups);
      await readers.start(CONTAINERS, mountPoint, "d", "changing");
      for (let round = 1; round <= ROUNDS; round += 1) {
        const agent = lastStarted(output);
        for (const pid of [...serversOf(agent), agent]) kill(pid);
        await until("the next is ready", () => count("READY=1") === round + 1);
      }
      const readings = await readers.end();
      requireAllRight("systemd", readings);
      assert.ok(readings.longestMillis < 5000 * SLOWNESS);
      assert.equal(deviceOf(mountPoint), device);
    } finally {
      const servers = serversOf(lastStarted(output));
      systemd.kill("SIGTERM");
      await once(systemd, "exit");
      for (const pid of servers) kill(pid);
      if (mountPoints().includes(mountPoint)) runProgram("umount", ["-l", mountPoint]);
      rmSync(folder, { recursive: true });
    }
  });

  test("is what the unit asks for", () => {
    const unit = readFileSync(UNIT, "utf8");
    assert.match(unit, /^ExecStart=\/usr\/bin\/procview agent --keeper systemd$/m);
    assert.ok(Number(/^FileDescriptorStoreMax=(\d+)$/m.exec(unit)?.[1]) >= 3);
    assert.match(unit, /^Type=notify$/m);
  });
});

function lastStarted(output: string): number {
  return Number([...output.matchAll(/^started (\d+)$/gm)].at(-1)?.[1]);
}

function serversOf(agent: number): number[] {
  return pidsOf("file-system-process").filter((pid) => {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]) === agent;
  });
}

function deviceOf(mountPoint: string): string | undefined {
  const lines = readFileSync("/proc/self/mountinfo", "utf8").split("\n");
  return lines.find((line) => line.split(" ")[4] === mountPoint)?.split(" ")[2];
}
