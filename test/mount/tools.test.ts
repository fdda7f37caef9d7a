// What real tools show inside a container of 200 MiB and 1.5 CPUs, made by runc and by `procview run`.

import assert from "node:assert/strict";
import { cpus } from "node:os";
import { after, before, describe, test } from "node:test";
import { inRun, lacks, type Mounted, mounted, nothingLeft, skip } from "./harness.ts";
import { type RuncContainer, runcContainer } from "./runc-container.ts";

after(nothingLeft);

const MIB = 2 ** 20;
const LIMIT_KIB = 200 * 1024;
/** 1.5 CPUs show as two, where the machine has two. */
const CPUS = Math.min(2, cpus().length);

interface Tool {
  name: string;
  /** Programs it needs. */
  needs: readonly string[];
  script: string;
  check(output: string): void;
}

const field = (output: string, pattern: RegExp) => Number(pattern.exec(output)?.[1] ?? Number.NaN);

const TOOLS: readonly Tool[] = [
  {
    name: "free",
    needs: ["free"],
    script: "free -k",
    check: (output) => {
      const [total, used, free, , , available] = output.split("\n")[1]?.trim().split(/\s+/).slice(1).map(Number) ?? [];
      assert.equal(total, LIMIT_KIB);
      assert.ok(free! <= total! && available! <= total! && used! >= 0 && used! < total!, output);
    },
  },
  {
    name: "top",
    needs: ["top"],
    script: "top -bn1 | head -5",
    check: (output) => {
      assert.equal(field(output, /MiB Mem : +([\d.]+) total/), 200);
      assert.match(output, /up 0 min/);
      assert.match(output, /load average: [01]\.\d\d/);
      const idle = field(output, /([\d.]+) id,/);
      assert.ok(idle >= 0 && idle <= 100, output);
    },
  },
  {
    name: "uptime",
    needs: ["uptime"],
    script: "uptime",
    check: (output) => assert.match(output, / up 0 min,.*load average: [01]\.\d\d, 0\.\d\d, 0\.\d\d/),
  },
  {
    name: "nproc",
    needs: ["nproc"],
    // nproc asks sched_getaffinity(2), which a quota does not change and no file can; with --all it asks sysconf(3), but
    // takes an answer of 1 or 2 for a missing /sys and asks for the affinity again.
    script: "nproc; nproc --all",
    check: (output) => assert.equal(output, `${cpus().length}\n`.repeat(2)),
  },
  {
    name: "getconf",
    needs: ["getconf"],
    script: "getconf _NPROCESSORS_ONLN",
    check: (output) => assert.equal(output, `${CPUS}\n`),
  },
  {
    name: "lscpu",
    needs: ["lscpu"],
    script: "lscpu",
    check: (output) => {
      assert.equal(field(output, /^CPU\(s\): +(\d+)$/m), CPUS);
      const [threads, cores, sockets] = [
        /Thread\(s\) per core: +(\d+)/,
        /Core\(s\) per socket: +(\d+)/,
        /Socket\(s\): +(\d+)/,
      ].map((pattern) => field(output, pattern));
      assert.equal(threads! * cores! * sockets!, CPUS, output);
    },
  },
  {
    name: "vmstat",
    needs: ["vmstat"],
    script: "vmstat -S k",
    check: (output) => {
      const [, , swapped, free, buffers, cached] = output.trim().split("\n").at(-1)!.trim().split(/\s+/).map(Number);
      assert.equal(swapped, 0);
      assert.equal(buffers, 0);
      assert.ok(free! + cached! <= (LIMIT_KIB * 1024) / 1000, output);
    },
  },
  {
    name: "python3",
    needs: ["python3"],
    script: "python3 -c 'import os; print(os.cpu_count(), os.sysconf(\"SC_NPROCESSORS_CONF\"))'",
    check: (output) => assert.equal(output, `${CPUS} ${CPUS}\n`),
  },
  {
    name: "node",
    needs: [],
    // libuv reads meminfo and cpuinfo; freemem is MemAvailable.
    script: `${process.execPath} -p 'const os=require("os"); [os.totalmem()/1024, os.freemem() <= os.totalmem(), os.cpus().length, os.uptime() < 60].join()'`,
    check: (output) => assert.equal(output, `${LIMIT_KIB},true,${CPUS},true\n`),
  },
  {
    name: "busybox",
    needs: ["busybox"],
    // busybox free and uptime ask sysinfo(2), which no file system can answer; what reads /proc is right.
    script:
      "busybox head -1 /proc/meminfo; busybox cat /proc/cpuinfo | busybox grep -c ^processor; busybox wc -c </proc/uptime",
    check: (output) => {
      const [total, count, bytes] = output.trim().split("\n");
      assert.equal(total, `MemTotal:         ${LIMIT_KIB} kB`);
      assert.equal(count, String(CPUS));
      assert.ok(Number(bytes) > 5);
    },
  },
];

const FILES = ["cpuinfo", "diskstats", "loadavg", "meminfo", "stat", "swaps", "uptime"].map((name) => `proc/${name}`);

const MARK = "=== next tool ===";
const unavailable = ({ needs }: Tool) => needs.map(lacks).find(Boolean) ?? false;

/** All tools in one container: making one takes longer than asking them. */
function everyTool(run: (script: string) => string): void {
  let outputs: string[] = [];
  test("all of them run", () => {
    outputs = run(TOOLS.map((tool) => (unavailable(tool) ? "" : tool.script)).join(`\necho "${MARK}"\n`)).split(
      `${MARK}\n`,
    );
  });
  for (const [place, tool] of TOOLS.entries()) {
    test(tool.name, { skip: unavailable(tool) }, () => tool.check(outputs[place] ?? ""));
  }
}

describe("in `procview run`", { skip }, () => {
  everyTool((script) => inRun(["-m", "200m", "--cpus", "1.5"], script));
});

describe("in a container made by runc", { skip: skip || lacks("runc") }, () => {
  let mount: Mounted;
  let container: RuncContainer;
  before(async () => {
    mount = await mounted();
    container = runcContainer(mount.directory, [...FILES, "sys/devices/system/cpu"], {
      memoryBytes: 200 * MIB,
      cpus: 1.5,
    });
  });
  after(async () => {
    container[Symbol.dispose]();
    await mount[Symbol.asyncDispose]();
  });
  everyTool((script) => container.exec(script));
});
