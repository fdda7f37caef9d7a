// Bad input: one clear line, a status of its own, nothing left behind.

import assert from "node:assert/strict";
import { mkdtempSync, rmdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { EXIT_CODES, type ExitCause } from "../../cli/exit-codes.ts";
import { mounted, mountPoints, nothingLeft, procview, runProgram, skip, until } from "./harness.ts";

after(nothingLeft);

const CASES: readonly [string[], ExitCause, RegExp][] = [
  [["run", "-m", "3x", "--", "true"], "badSize", /--memory "3x" is no size; write for example 200m/],
  [["run", "-m", "100", "--", "true"], "badSize", /less than a page/],
  [["run", "--cpus", "none", "--", "true"], "usage", /--cpus "none".*for example 1\.5/],
  [["run", "--cpuset", "0-4095", "--", "true"], "badCpuset", /not online here/],
  [["run", "--cpuset", "first", "--", "true"], "badCpuset", /no list of CPUs/],
  [["run", "--pids", "-1", "--", "true"], "usage", /--pids/],
  [["run", "--memory-swap", "1g", "--", "true"], "usage", /give --memory too/],
  [["run", "-m", "200m", "--memory-swap", "100m", "--", "true"], "usage", /must not be less than --memory/],
  [["run", "--", "no-such-command"], "notFound", /"no-such-command": it is in no directory of PATH/],
  [["run", "--", "/no/such/file"], "notFound", /no such file/],
  [["run", "--", "/etc/passwd"], "notExecutable", /not executable; try chmod \+x/],
  [["run", "--files", "meminfo,nosuch", "--", "true"], "noFile", /"nosuch"; there are cpuinfo/],
  [["run"], "usage", /missing required argument/],
  [["mount", "/no/such/directory"], "notADirectory", /mkdir -p/],
  [["show", "nosuch"], "noFile", /"nosuch"/],
  [["show", "--pid", "4194304", "meminfo"], "noProcess", /no process 4194304/],
  [["explain", "--pid", "4194304"], "noProcess", /no process 4194304/],
  [["no-such-verb"], "usage", /unknown command/],
  [["run", "--no-such-flag", "--", "true"], "usage", /unknown option/],
];

describe("one line and a status of its own", { skip }, () => {
  for (const [args, cause, line] of CASES) {
    test(`procview ${args.join(" ")}`, () => {
      const { status, stdout, stderr } = procview(...args);
      assert.equal(status, EXIT_CODES[cause].status, stderr);
      assert.match(stderr, line);
      assert.ok(stderr.trim().split("\n").length <= 2, stderr);
      assert.equal(stdout, "");
    });
  }

  test("not root", () => {
    const node = "/tmp/procview-node";
    // As nobody, with a node that nobody may execute.
    const script = `cp ${process.execPath} ${node} && chmod 755 ${node} && setpriv --reuid 65534 --regid 65534 --clear-groups ${node} cli/procview.js run -- true; s=$?; rm -f ${node}; exit $s`;
    const { status, stderr } = runProgram("sh", ["-c", script]);
    assert.equal(status, EXIT_CODES.notRoot.status, stderr);
    assert.match(stderr, /needs root; try sudo/);
  });

  test("no /dev/fuse", () => {
    const script = 'mount -t tmpfs tmpfs /dev && mknod -m 666 /dev/null c 1 3 && exec "$@"';
    const args = ["--mount", "sh", "-c", script, "sh", process.execPath, "cli/procview.js", "run", "--", "true"];
    const { status, stderr } = runProgram("unshare", args);
    assert.equal(status, EXIT_CODES.noFuse.status, stderr);
    assert.match(stderr, /modprobe fuse/);
  });

  test("cgroups that may not be written", () => {
    const script =
      'for m in $(awk \'$3 ~ /^cgroup/ {print $2}\' /proc/self/mounts); do mount -o remount,bind,ro "$m" || exit 9; done; exec "$@"';
    const { status, stderr } = runProgram("unshare", [
      "--mount",
      "sh",
      "-c",
      script,
      "sh",
      process.execPath,
      "cli/procview.js",
      "run",
      "-m",
      "50m",
      "--",
      "true",
    ]);
    assert.equal(status, EXIT_CODES.noDelegation.status, stderr);
    assert.match(stderr, /Cannot make the cgroup .*procview.*Delegate=yes/);
  });
});

describe("a directory that is a mount point", { skip }, () => {
  test("of ours, alive", async () => {
    await using mount = await mounted();
    const { status, stderr } = procview("mount", mount.directory);
    assert.equal(status, EXIT_CODES.alreadyMounted.status);
    assert.match(stderr, new RegExp(`umount ${mount.directory}`));
  });

  test("dead", async () => {
    const directory = mkdtempSync(join(tmpdir(), "procview-dead-"));
    // A FUSE mount whose device is closed at once has no server and never will.
    const script = `exec 3<>/dev/fuse; mount -i -t fuse.procview -o fd=3,rootmode=40000,user_id=0,group_id=0 procview ${directory}`;
    runProgram("sh", ["-c", script]);
    try {
      const { status, stderr } = procview("mount", directory);
      assert.equal(status, EXIT_CODES.deadMount.status, stderr);
      assert.match(stderr, /its server is gone or hangs; free it with "umount -l/);
    } finally {
      runProgram("umount", ["-l", directory]);
      await until("it is unmounted", () => !mountPoints().includes(directory));
      rmdirSync(directory);
    }
  });
});
