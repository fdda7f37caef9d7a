// `procview mount` on the running kernel: the tree, host callers, errors, the death of its server.

import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { VIRTUAL_FILES } from "../../contract/virtual-files.ts";
import { ALIVE_INTERVAL_MILLIS } from "../../node-agent/session/messages.ts";
import { residentKib } from "./agents.ts";
import {
  fileSystemProcessOf,
  mounted,
  mountPoints,
  nothingLeft,
  readThrough,
  runProgram,
  SLOWNESS,
  skip,
  startProcview,
  until,
} from "./harness.ts";

after(nothingLeft);

/** Files of the host that do not change while a test looks. */
const STEADY = [
  "proc/cpuinfo",
  "proc/partitions",
  "proc/swaps",
  "sys/devices/system/cpu/online",
  "sys/devices/system/cpu/possible",
  "sys/devices/system/cpu/kernel_max",
];

/** Where the links lead whoever looks: to the host. */
function filesBelow(directory: string): string[] {
  const views = ["proc/", "sys/"].map((name) => join(directory, name)).filter((path) => existsSync(path));
  const { stdout } = runProgram("find", [...views, "-type", "f", "-printf", "%p\n"]);
  return stdout
    .trim()
    .split("\n")
    .map((path) => path.slice(directory.length + 1));
}

describe("a caller on the host", { skip }, () => {
  test("reads the host's bytes, of the size that stat(2) tells", async () => {
    await using mount = await mounted("--freshness", "0");
    for (const path of STEADY) {
      const content = readFileSync(`/${path}`, "latin1");
      assert.equal(readThrough(join(mount.directory, path)), content, path);
      assert.equal(
        runProgram("stat", ["-c", "%s %a %u:%g", join(mount.directory, path)]).stdout,
        `${content.length} 444 0:0\n`,
      );
    }
  });

  test("finds the whole tree, laid out as lxcfs does, each file readable and as long as the host's", async () => {
    await using mount = await mounted();
    const found = filesBelow(mount.directory);
    const wanted = VIRTUAL_FILES.map(({ path }) => path).filter((path) => existsSync(`/${path}`));
    for (const path of [...wanted, "sys/devices/system/cpu/online", "sys/devices/system/cpu/cpu0/topology/core_id"]) {
      assert.ok(found.includes(path), path);
    }
    const cpus = readdirSync("/sys/devices/system/cpu").filter((name) => /^cpu\d+$/.test(name));
    const listed = runProgram("ls", [`${mount.directory}/sys/devices/system/cpu`])
      .stdout.trim()
      .split("\n");
    assert.deepEqual(listed.filter((name) => /^cpu\d+$/.test(name)).sort(), cpus.sort());
    for (const path of found) {
      const own = readThrough(join(mount.directory, path));
      // Where the kernel's own file is empty, so is ours (uevent).
      if (own === "") assert.equal(readFileSync(`/${path}`, "latin1"), "", path);
    }
    assert.equal(mount.log(), "");
  });

  test("is refused every write", async () => {
    await using mount = await mounted();
    const script = `cd ${mount.directory} || exit 1
      for c in "echo x >proc/meminfo" "touch proc/new" "mkdir proc/d" "rm -f proc/meminfo" "mv proc/meminfo proc/m" "chmod 777 proc/meminfo" "ln proc/meminfo proc/l" "truncate -s 0 proc/meminfo"; do
        if sh -c "$c" 2>/dev/null; then echo "not refused: $c"; fi
      done; cd /`;
    assert.deepEqual(runProgram("sh", ["-c", script]), { status: 0, stdout: "", stderr: "" });
  });

  test("sees a restricted mount, a file system without blocks and no attributes", async () => {
    await using mount = await mounted();
    const line = readFileSync("/proc/self/mountinfo", "utf8")
      .split("\n")
      .find((entry) => entry.includes(mount.directory));
    assert.match(
      line ?? "",
      / ro,nosuid,nodev,noexec,relatime (.* )?- fuse\.procview procview:\S+ ro,.*default_permissions,allow_other/,
    );
    assert.match(runProgram("stat", ["-f", "-c", "%b %f %l", mount.directory]).stdout, /^0 0 255\n$/);
    assert.notEqual(runProgram("sh", ["-c", `${mount.directory}/proc/meminfo`]).status, 0);
    const nobody = runProgram("setpriv", [
      "--reuid",
      "65534",
      "--regid",
      "65534",
      "--clear-groups",
      "sh",
      "-c",
      `cd ${mount.directory} && cat proc/uptime && ! cat proc/slabinfo 2>&- && ! ls containers 2>&-`,
    ]);
    assert.equal(nobody.status, 0, nobody.stderr);
    assert.equal(runProgram("readlink", [join(mount.directory, "proc")]).stdout, "host/proc\n");
  });

  test("reads with any buffer, seeks, maps and sends", async () => {
    await using mount = await mounted("--freshness", "60s");
    const file = join(mount.directory, "proc/cpuinfo");
    const content = readFileSync("/proc/cpuinfo", "latin1");
    for (const size of [1, 7, 512, 4096, 65_536]) {
      assert.equal(
        runProgram("dd", [`if=${file}`, `bs=${size}`, "status=none"]).stdout,
        content,
        `${size} bytes at once`,
      );
    }
    assert.equal(runProgram("tail", ["-c", "100", file]).stdout, content.slice(-100));
    assert.equal(
      runProgram("dd", [`if=${file}`, "bs=10", "skip=5", "count=2", "status=none"]).stdout,
      content.slice(50, 70),
    );
    const script = `import mmap,os,sys; f=os.open(sys.argv[1],os.O_RDONLY); print(mmap.mmap(f,0,prot=mmap.PROT_READ)[:9].decode()); r,w=os.pipe(); print(os.sendfile(w,f,0,1<<16)); print(os.pread(f,4,10**9))`;
    assert.equal(runProgram("python3", ["-c", script, file]).stdout, `processor\n${content.length}\nb''\n`);
  });
});

describe("options", { skip }, () => {
  test("--files serves only what it names", async () => {
    await using mount = await mounted("--files", "meminfo,pressure/io");
    const served = existsSync("/proc/pressure/io") ? ["proc/meminfo", "proc/pressure/io"] : ["proc/meminfo"];
    assert.deepEqual(filesBelow(mount.directory).sort(), served);
    assert.deepEqual(readdirSync(mount.directory).sort(), ["containers", "host", "proc"]);
  });
  test("--workers threads answer at once", async () => {
    await using mount = await mounted("--workers", "4", "--freshness", "0");
    const script = `for i in 1 2 3 4 5 6 7 8; do (n=0; while [ $n -lt 100 ]; do cat ${mount.directory}/proc/stat >/dev/null || echo failed; n=$((n+1)); done) & done; wait`;
    assert.deepEqual(runProgram("sh", ["-c", script]), { status: 0, stdout: "", stderr: "" });
  });
  test("--trace tells every request", async () => {
    const mount = await mounted("--trace");
    readThrough(join(mount.directory, "proc/uptime"));
    await mount[Symbol.asyncDispose]();
    // Each worker writes its own lines, so their order is not that of the requests.
    for (const line of [
      /^INIT n0 t0 = ok 80$/m,
      /^LOOKUP n2 uptime t\d+ = ok 144$/m,
      /^READ n28 0\+4096 t\d+ = ok \d+$/m,
    ]) {
      assert.match(mount.log(), line);
    }
  });
});

describe("what it takes", { skip }, () => {
  test("it serves within 1.5 s", async () => {
    const startedAt = performance.now();
    await using mount = await mounted();
    const millis = performance.now() - startedAt;
    console.log(`serving after ${millis.toFixed(0)} ms`);
    assert.ok(mount.process.pid !== undefined && millis < 1500 * SLOWNESS, `${millis} ms`);
  });

  test("two processes, of which one has one worker, are soon less than 110 MiB in all", async () => {
    await using mount = await mounted();
    const server = fileSystemProcessOf(mount.process) as number;
    const threads = readdirSync(`/proc/${server}/task`).map((tid) =>
      readFileSync(`/proc/${server}/task/${tid}/comm`, "latin1").trim(),
    );
    assert.equal(threads.filter((name) => name === "WorkerThread").length, 1, threads.join());
    const resident = (): number => residentKib(server) + residentKib(mount.process.pid as number);
    await until("what only the start needed is given back", () => resident() < 110 * 1024);
    console.log(`${resident()} KiB resident, ${residentKib(server)} of them the server's`);
  });
});

describe("ends", { skip }, () => {
  test("the server is killed while a reader loops: no read fails", async () => {
    await using mount = await mounted();
    const script = `n=0; while [ $n -lt 300 ]; do cat ${mount.directory}/proc/uptime >/dev/null || exit 1; n=$((n+1)); done`;
    const reader = runInBackground(script);
    for (let kill = 0; kill < 3; kill += 1) {
      await until("it is served", () => fileSystemProcessOf(mount.process) !== undefined);
      process.kill(fileSystemProcessOf(mount.process) as number, "SIGKILL");
      await until("it is gone", () => fileSystemProcessOf(mount.process) === undefined || kill >= 0);
      readThrough(join(mount.directory, "proc/loadavg"));
    }
    assert.deepEqual(await reader, [0, null]);
  });

  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    test(`${signal} unmounts and ends with status 0`, async () => {
      const mount = await mounted();
      mount.process.kill(signal);
      assert.deepEqual(await once(mount.process, "exit"), [0, null]);
      assert.ok(!mountPoints().includes(mount.directory));
      rmdirSync(mount.directory);
    });
  }

  test("umount ends it", async () => {
    const mount = await mounted();
    runProgram("umount", [mount.directory]);
    assert.deepEqual(await once(mount.process, "exit"), [0, null]);
    rmdirSync(mount.directory);
  });

  test("`procview mount` itself is killed: the mount goes with it, though its server was about to tell it something", async () => {
    const mount = await mounted();
    const server = fileSystemProcessOf(mount.process) as number;
    // Its timers are due when it goes on: it tells that it is alive before it notices that nobody listens.
    process.kill(server, "SIGSTOP");
    await sleep(2 * ALIVE_INTERVAL_MILLIS);
    mount.process.kill("SIGKILL");
    await once(mount.process, "exit");
    process.kill(server, "SIGCONT");
    await until("it is unmounted", () => !mountPoints().includes(mount.directory));
    assert.equal(mount.log(), "");
    rmdirSync(mount.directory);
  });

  test("the server's main thread fails: it ends at once, and the next serves", async () => {
    const fault = join(process.env["TMPDIR"] as string, "fault.mjs");
    writeFileSync(
      fault,
      `import { isMainThread } from "node:worker_threads";
      if (isMainThread) process.once("SIGUSR2", () => { throw new Error("a fault"); });`,
    );
    process.env["NODE_OPTIONS"] = `--import=${fault}`;
    const mounting = mounted();
    delete process.env["NODE_OPTIONS"];
    await using mount = await mounting;
    const first = fileSystemProcessOf(mount.process) as number;
    process.kill(first, "SIGUSR2");
    await until("the next serves", () => ![undefined, first].includes(fileSystemProcessOf(mount.process)));
    assert.match(mount.log(), /^procview: main thread ended: Error: a fault\n/);
    assert.match(mount.log(), /ended \(SIGKILL\), starting the next\n$/);
  });

  test("an aborted connection ends it", async () => {
    const directory = mkdtempSync(join(tmpdir(), "procview-mount-"));
    const child = startProcview(["mount", directory]);
    await once(child.stdout!, "data");
    const device = runProgram("stat", ["-c", "%d", directory]).stdout.trim();
    const script = `[ -e /sys/fs/fuse/connections/${device} ] || mount -t fusectl fusectl /sys/fs/fuse/connections; echo 1 >/sys/fs/fuse/connections/${device}/abort`;
    assert.equal(runProgram("sh", ["-c", script]).status, 0);
    assert.deepEqual(await once(child, "exit"), [0, null]);
    assert.ok(!mountPoints().includes(directory));
    rmdirSync(directory);
  });
});

async function runInBackground(script: string): Promise<unknown[]> {
  const { spawn } = await import("node:child_process");
  return once(spawn("timeout", ["-s", "KILL", String(60 * SLOWNESS), "sh", "-c", script], { stdio: "ignore" }), "exit");
}
