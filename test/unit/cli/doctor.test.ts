import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Facts } from "../../../cli/doctor/facts.ts";
import { findingsOf, formatFindings } from "../../../cli/doctor/findings.ts";

const FIT: Facts = {
  root: true,
  kernel: "6.18.44-generic",
  fuseDevice: true,
  cgroups: "v2",
  controllers: ["cpuset", "cpu", "memory"],
  pressure: true,
  hostPids: true,
  rootPropagation: "shared",
  runtimes: ["/run/containerd/containerd.sock"],
  mountRoot: "/var/lib/procview/fs",
  mounted: true,
  answers: true,
};

const verdicts = (facts: Partial<Facts>) =>
  findingsOf({ ...FIT, ...facts })
    .filter(({ verdict }) => verdict !== "good")
    .map(({ about, verdict }) => `${verdict} ${about}`);

describe("doctor", () => {
  const cases: readonly (readonly [Partial<Facts>, readonly string[]])[] = [
    [{}, []],
    [{ root: false }, ["bad root"]],
    [{ kernel: "5.11.0" }, ["bad kernel", "note requests of a server that died"]],
    [{ kernel: "5.12.0" }, ["note requests of a server that died"]],
    [{ kernel: "6.9.0-rc1" }, []],
    [{ kernel: "10.0" }, []],
    [{ fuseDevice: false }, ["bad /dev/fuse"]],
    [{ cgroups: "none", controllers: [] }, ["bad cgroups", "note controllers"]],
    [{ pressure: false }, ["note pressure"]],
    [{ hostPids: false }, ["bad pid namespace"]],
    [{ rootPropagation: "private" }, ["note propagation of /"]],
    [{ mounted: false, answers: false }, ["note /var/lib/procview/fs"]],
    [{ answers: false }, ["bad /var/lib/procview/fs"]],
  ];
  for (const [facts, expected] of cases) {
    test(JSON.stringify(facts), () => assert.deepEqual(verdicts(facts), expected));
  }

  test("whatever is not good comes with a remedy", () => {
    const worst = findingsOf({
      ...FIT,
      root: false,
      kernel: "4.19.0",
      fuseDevice: false,
      cgroups: "none",
      answers: false,
    });
    for (const { verdict, remedy, about } of worst) assert.ok(verdict === "good" || remedy, about);
    assert.match(formatFindings(worst), /^bad {3}root .*\n +run it as root/);
  });
});
