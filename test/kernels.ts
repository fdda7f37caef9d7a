// `npm run test:kernels`: real mounts on stock Debian kernels with pure cgroup v2, in virtual machines over this tree.
//
// The machines are made by a program outside this repository: PROCVIEW_VM, or ../shared/vm/run. Without it nothing is
// tested here; boot any kernel you like with cgroup v2 and run `npm test` on it, which is the same.

import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { installPackages } from "./packages.ts";
import { conclude, counted, type Totals } from "./totals.ts";

const RUNNER = process.env["PROCVIEW_VM"] ?? new URL("../../shared/vm/run", import.meta.url).pathname;

/** What depends on the kernel: its FUSE, its mounts, what its cgroups know. */
const KERNELS = ["mount", "runc", "pressure", "stand-in"];
/** What depends on cgroup v2, of whatever kernel: on the first of them alone, because emulation is slow. */
const CGROUP_V2 = ["run", "tools", "containers", "nested-containers", "counters"];

interface Suite {
  /** The Debian release that brings the kernel. */
  suite: string;
  kernel: string;
  /** The tests of test/mount that run there; the others are named. */
  tests: readonly string[];
  /** Names of tests that others of this kernel or of another cover. */
  covered: readonly string[];
}

/** Each of handover's faults. */
const KILLED = ["the server is killed while a reader loops", "the file-system process is killed: the command reads on"];
const RESEND = "the kernel sends requests again";
const JOURNAL = "the journal has them";

/**
 * 6.1, the oldest, has no FUSE_NOTIFY_RESEND, the others have it: there, what differs between versions of FUSE. Reads go on
 * on each of them, whatever is killed.
 */
const SUITES: readonly Suite[] = [
  { suite: "bookworm", kernel: "6.1", tests: [...KERNELS, "handover", ...CGROUP_V2], covered: [...KILLED, RESEND] },
  { suite: "bookworm-backports", kernel: "6.12", tests: ["handover"], covered: [JOURNAL] },
  { suite: "sid", kernel: "7.x", tests: ["mount", "limits", "handover"], covered: [...KILLED, JOURNAL] },
];
const FOLDER = new URL("mount/", import.meta.url).pathname;
const file = (name: string): string => `test/mount/${name}.test.ts`;
/** Names of tests that no kernel can change, left out because emulation is slow. */
const SAME_EVERYWHERE = [
  "--files",
  "--workers",
  "--trace",
  "SIG(INT|HUP|TERM|USR1)",
  "handles a signal",
  "arguments, input",
  "--cpu-view",
  "--pids",
  "refused every write",
  "its status is passed on",
  "main thread fails",
];
const LIMIT_SECONDS = "1800";
/** More than there are spin for each other: runs take a third longer. */
const CPUS = String(Math.min(4, availableParallelism()));
/** An emulated processor, as fast as it is. */
const SLOWNESS = "10";

/** Printed by a kernel that has come up. An emulated one now and then does not: it meets an int3 that is patched away. */
const BEGUN = "--- booted";
const BOOTS = 3;

/** One file after the other, each with the time it takes: all of it has to fit what CI has. */
const EACH = `echo "${BEGUN}"
status=0
for file; do
  from=$(date +%s)
  "$NODE" --test "$SKIP" "$file" || status=1
  echo "--- $file: $(($(date +%s) - from)) s"
done
exit $status`;

const totals: Totals = { passed: 0, failed: 0, skipped: 0 };
if (existsSync(RUNNER)) {
  installPackages();
  for (const suite of SUITES) await testOn(suite);
} else {
  console.log(`skipped: no ${RUNNER}; boot another kernel with cgroup v2 and run "npm test" on it`);
  totals.skipped += SUITES.flatMap(({ tests }) => tests).length;
}
conclude("npm run test:kernels", totals);

async function testOn({ suite, kernel, tests, covered }: Suite): Promise<void> {
  const all = readdirSync(FOLDER).filter((name) => name.endsWith(".test.ts"));
  const leftOut = all.map((name) => name.replace(".test.ts", "")).filter((name) => !tests.includes(name));
  console.log(`--- kernel ${kernel} (Debian ${suite}); not run here: ${leftOut.join(", ")}`);
  const output = mkdtempSync(join(tmpdir(), "procview-vm-"));
  process.env["VM_OUT"] = output;
  const environment = [
    `PROCVIEW_TEST_SLOWNESS=${SLOWNESS}`,
    `NODE=${process.execPath}`,
    `SKIP=--test-skip-pattern=/${[...SAME_EVERYWHERE, ...covered].join("|")}/`,
  ];
  const command = ["env", ...environment, "sh", "-c", EACH, "sh", ...tests.map(file)];
  const run = ["-s", suite, "-c", CPUS, "-t", LIMIT_SECONDS, "--", ...command];
  for (let boot = 1; !(await counted(totals, RUNNER, run, BEGUN)); boot += 1) {
    console.log(`--- kernel ${kernel} did not come up, ${boot} of ${BOOTS} times`);
    if (boot < BOOTS) continue;
    totals.failed += 1;
    break;
  }
  rmSync(output, { recursive: true, force: true });
}
