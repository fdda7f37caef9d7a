// Programs that size themselves by the machine: which of them a quota reaches through procview, and which ask the kernel
// (sched_getaffinity(2), sysinfo(2)), where no file system can answer. A cpuset reaches all of them.

import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { inRun, lacks, nothingLeft, runProgram, skip } from "./harness.ts";

after(nothingLeft);

const ALL = cpus().length;
const MIB = 2 ** 20;
const LIMIT_MIB = 512;
/** jemalloc has four arenas a CPU, but one where there is one CPU. */
const arenas = (count: number) => (count === 1 ? 1 : 4 * count);

const folder = mkdtempSync(join(tmpdir(), "procview-readers-"));
after(() => rmSync(folder, { recursive: true }));

const JAVA = "java -XX:+UseParallelGC -XX:+PrintFlagsFinal";
const JAVA_THREADS = "-version 2>&1 | awk '$2 == \"ParallelGCThreads\" {print $4}'";
const JAVA_HEAP = "-version 2>&1 | awk '$2 == \"MaxHeapSize\" {print $4}'";
const jemalloc = existsSync("/usr/share/doc/libjemalloc2") ? false : "needs libjemalloc2, which is not installed";

interface Reader {
  name: string;
  skip: string | false;
  script: string;
  /** What it prints with a quota of one CPU, and with a cpuset of CPU 1. */
  quota: string;
  cpuset: string;
}

const READERS: readonly Reader[] = [
  {
    name: "hwloc: the CPU, by /sys and affinity",
    skip: lacks("hwloc-ls"),
    script: "hwloc-ls --only pu",
    quota: "PU L#0 (P#0)",
    cpuset: "PU L#0 (P#1)",
  },
  {
    name: "nginx, worker_processes auto: one worker, by /sys/devices/system/cpu/online",
    skip: lacks("nginx"),
    // The log tells of each worker; the master forks all of them before it looks at signals.
    script: `cd ${folder}; : >log; nginx -p . -c nginx.conf 2>log & until grep -q 'start worker process [0-9]' log; do sleep 0.05; done; kill -QUIT $!; wait; grep -c 'start worker process [0-9]' log`,
    quota: "1",
    cpuset: "1",
  },
  {
    name: "jemalloc: arenas by affinity, which a quota does not change",
    skip: jemalloc,
    script: "LD_PRELOAD=libjemalloc.so.2 MALLOC_CONF=stats_print:true /bin/true 2>&1 | awk '/opt.narenas:/ {print $2}'",
    quota: String(arenas(ALL)),
    cpuset: String(arenas(1)),
  },
  {
    name: "JVM: one thread to collect garbage, by cgroup files that it reads itself",
    skip: lacks("java"),
    script: `${JAVA} ${JAVA_THREADS}`,
    quota: "1",
    cpuset: "1",
  },
  {
    name: "JVM that is told not to: by affinity, which a quota does not change",
    skip: lacks("java"),
    script: `${JAVA} -XX:-UseContainerSupport ${JAVA_THREADS}`,
    quota: String(ALL),
    cpuset: "1",
  },
  {
    name: "Go: runtime.NumCPU by affinity, which a quota does not change",
    skip: lacks("go"),
    script: `${folder}/numcpu 2>&1`,
    quota: String(ALL),
    cpuset: "1",
  },
  {
    // Debian has none: wherever this has run so far, it was skipped.
    name: ".NET: Environment.ProcessorCount, by cgroup files that it reads itself",
    skip: lacks("dotnet"),
    script: `cd ${folder}; echo 'printfn "%d" System.Environment.ProcessorCount' >count.fsx; dotnet fsi count.fsx`,
    quota: "1",
    cpuset: "1",
  },
];

const NGINX = `worker_processes auto;
daemon off;
pid ${folder}/pid;
error_log stderr notice;
events {}
http { access_log off; server { listen unix:${folder}/socket; } }
`;
const GO = `package main
import "runtime"
func main() { println(runtime.NumCPU()) }
`;

before(() => {
  writeFileSync(join(folder, "nginx.conf"), NGINX);
  writeFileSync(join(folder, "numcpu.go"), GO);
  if (lacks("go") || skip) return;
  const built = runProgram("go", ["build", "-o", join(folder, "numcpu"), join(folder, "numcpu.go")]);
  assert.equal(built.status, 0, built.stderr);
});

for (const [limit, flags] of [
  ["quota", ["--cpus", "1"]],
  ["cpuset", ["--cpuset", "1"]],
] as const) {
  describe(`with a ${limit} of one CPU`, { skip: skip || (ALL < 2 && "needs two CPUs") }, () => {
    for (const { name, skip: reason, script, ...expected } of READERS) {
      test(name, { skip: reason }, () => assert.equal(inRun(flags, script).trim(), expected[limit]));
    }
  });
}

const bigMachine = totalmem() > 4 * LIMIT_MIB * MIB ? false : `needs a machine of ${(4 * LIMIT_MIB) / 1024} GiB`;
const limited = (script: string) => inRun(["-m", `${LIMIT_MIB}m`], script);

describe(`with a memory limit of ${LIMIT_MIB} MiB`, { skip: skip || bigMachine }, () => {
  test("JVM: a heap of a quarter of it, by cgroup files that it reads itself", { skip: lacks("java") }, () => {
    assert.equal(Number(limited(`${JAVA} ${JAVA_HEAP}`)), (LIMIT_MIB * MIB) / 4);
  });
  test("JVM that is told not to, and getconf: all of the machine, by sysinfo(2)", { skip: lacks("java") }, () => {
    const heap = Number(limited(`${JAVA} -XX:-UseContainerSupport ${JAVA_HEAP}`));
    assert.ok(Math.abs(heap / (totalmem() / 4) - 1) < 0.02, `${heap} bytes`);
    assert.equal(limited("getconf _PHYS_PAGES"), runProgram("getconf", ["_PHYS_PAGES"]).stdout);
  });
  test("hwloc: its node of the machine, by /sys/devices/system/node", {
    skip: lacks("hwloc-ls") || (!existsSync("/sys/devices/system/node/node0/meminfo") && "needs NUMA"),
  }, () => {
    assert.equal(limited("hwloc-ls --only numanode"), runProgram("hwloc-ls", ["--only", "numanode"]).stdout);
  });
});
