// Pressure: where the cgroup has its own (v2, and the unified part of hybrid), triggers and poll(2) are the kernel's.

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { after, describe, test } from "node:test";
import { findHierarchies } from "../../node-agent/container/hierarchies.ts";
import { HostFiles } from "../../node-agent/host/host-files.ts";
import { inRun, lacks, mounted, nothingLeft, procview, readThrough, runProgram, skip } from "./harness.ts";

after(nothingLeft);

const noPressure = existsSync("/proc/pressure/cpu") ? false : "needs a kernel with PSI";
const noCgroup2 = findHierarchies(new HostFiles()).some(({ version }) => version === 2)
  ? false
  : "needs cgroup v2: no other cgroup has pressure";

/**
 * Waits for 150 ms of CPU pressure within a second, while a busy loop at a tenth of a CPU makes it. Without
 * CAP_SYS_RESOURCE the kernel takes no window but multiples of two seconds.
 */
const TRIGGER = `
import os, select, subprocess, sys
burn = subprocess.Popen(["sh", "-c", "while :; do :; done"])
fd = os.open("/proc/pressure/cpu", os.O_RDWR | os.O_NONBLOCK)
try:
    os.write(fd, b"some 150000 1000000\\n")
except OSError:
    os.write(fd, b"some 150000 2000000\\n")
poll = select.poll()
poll.register(fd, select.POLLPRI)
fired = poll.poll(60000)
burn.kill()
print("fired" if fired and fired[0][1] & select.POLLPRI else fired)
`;

describe("in `procview run`", { skip: skip || noPressure || noCgroup2 }, () => {
  test("a trigger fires", { skip: lacks("python3") }, () => {
    const { status, stdout, stderr } = procview("run", "--cpus", "0.1", "--", "python3", "-c", TRIGGER);
    assert.equal(status, 0, stderr);
    assert.equal(stdout, "fired\n");
  });

  test("the pressure is the container's own", () => {
    const shown = inRun(["--cpus", "0.2"], "timeout 3 sh -c 'while :; do :; done'; cat /proc/pressure/cpu");
    assert.ok(Number(/some .* total=(\d+)/.exec(shown)?.[1]) > 500_000, shown);
    const idle = inRun([], "cat /proc/pressure/cpu");
    assert.ok(Number(/some .* total=(\d+)/.exec(idle)?.[1]) < 500_000, idle);
  });
});

describe("in the tree", { skip: skip || noPressure }, () => {
  test("it is read-only, and nobody waits for it in vain", async () => {
    await using mount = await mounted();
    const file = `${mount.directory}/proc/pressure/cpu`;
    assert.match(readThrough(file), /^some avg10=\d+\.\d\d avg60=\d+\.\d\d avg300=\d+\.\d\d total=\d+\n/);
    const script =
      "import os,select,sys; f=os.open(sys.argv[1],os.O_RDONLY); p=select.poll(); p.register(f,select.POLLIN); print(p.poll(5000)[0][1]&select.POLLIN)";
    assert.equal(runProgram("python3", ["-c", script, file]).stdout, "1\n");
    assert.notEqual(runProgram("sh", ["-c", `echo 'some 150000 1000000' >${file}`]).status, 0);
  });
});
