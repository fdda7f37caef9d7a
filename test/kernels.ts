// `npm run test:kernels`: real mounts on stock Debian kernels with pure cgroup v2, in virtual machines over this tree.
//
// The machines are made by a program outside this repository: PROCVIEW_VM, or ../shared/vm/run. Without it nothing is
// tested here; boot any kernel you like with cgroup v2 and run `npm test` on it, which is the same.

import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { installPackages } from "./packages.ts";
import { conclude, counted, type Totals } from "./totals.ts";

const RUNNER = process.env["PROCVIEW_VM"] ?? new URL("../../shared/vm/run", import.meta.url).pathname;

/** Debian releases and the kernels they bring. */
const SUITES = { bookworm: "6.1", "bookworm-backports": "6.12", sid: "7.x" };

/** What depends on the kernel; bad input does not. */
const TESTS = ["run", "mount", "runc", "tools", "pressure", "limits"];
/** What depends on cgroup v2, of whatever kernel: on the first of them alone, because emulation is slow. */
const ONCE = ["containers", "nested-containers", "counters"];
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
];
const LIMIT_SECONDS = "1800";
/** An emulated processor, as fast as it is. */
const SLOWNESS = "6";

const totals: Totals = { passed: 0, failed: 0, skipped: 0 };
if (existsSync(RUNNER)) {
  installPackages();
  for (const [place, [suite, kernel]] of Object.entries(SUITES).entries()) {
    await testOn(suite, kernel, [...TESTS, ...(place === 0 ? ONCE : [])].map(file));
  }
} else {
  console.log(`skipped: no ${RUNNER}; boot another kernel with cgroup v2 and run "npm test" on it`);
  totals.skipped += TESTS.length * Object.keys(SUITES).length + ONCE.length;
}
conclude("npm run test:kernels", totals);

async function testOn(suite: string, kernel: string, files: readonly string[]): Promise<void> {
  console.log(`--- kernel ${kernel} (Debian ${suite})`);
  const output = mkdtempSync(join(tmpdir(), "procview-vm-"));
  process.env["VM_OUT"] = output;
  const command = [
    process.execPath,
    "--test",
    "--test-concurrency=1",
    `--test-skip-pattern=/${SAME_EVERYWHERE.join("|")}/`,
    ...files,
  ];
  await counted(totals, RUNNER, [
    "-s",
    suite,
    "-t",
    LIMIT_SECONDS,
    "--",
    "env",
    `PROCVIEW_TEST_SLOWNESS=${SLOWNESS}`,
    ...command,
  ]);
  rmSync(output, { recursive: true, force: true });
}
