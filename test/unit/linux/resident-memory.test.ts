// What Node keeps resident of its program after its start is given back, and nothing that it has changed.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { unchangedFileMappings } from "../../../node-agent/linux/resident-memory.ts";

const skip = process.platform === "linux" ? false : "needs Linux";
const MODULE = new URL("../../../node-agent/linux/resident-memory.ts", import.meta.url).pathname;

test("no mapping is given back that is writable, has a page of its own, or is of no file", { skip }, () => {
  const smaps = readFileSync("/proc/self/smaps", "latin1");
  const found = unchangedFileMappings(smaps);
  const lines = smaps.split("\n");
  for (const { address, length } of found) {
    const range = `${address.toString(16).padStart(8, "0")}-${(address + length).toString(16).padStart(8, "0")}`;
    const first = lines.findIndex((line) => line.startsWith(`${range} `));
    assert.match(lines[first] ?? "", /^\S+ r-[x-]p \S+ \S+ [1-9]\d* +\/\S/, range);
    const anonymous = lines.slice(first).find((line) => line.startsWith("Anonymous:"));
    assert.match(anonymous ?? "", / 0 kB$/, range);
  }
  const program = smaps.split(/^(?=[0-9a-f]+-[0-9a-f]+ )/m).find((entry) => /^\S+ r-xp .*\/node\n/.test(entry));
  const address = Number.parseInt(program?.split("-")[0] ?? "", 16);
  assert.ok(
    found.some((mapping) => mapping.address === address),
    "the program's code",
  );
});

test("a process has a third of its program less, and runs on", { skip }, () => {
  const script = `
    import { readFileSync } from "node:fs";
    import { releaseUnused } from ${JSON.stringify(MODULE)};
    const fileKib = () => Number(/^RssFile:\\s+(\\d+)/m.exec(readFileSync("/proc/self/status", "latin1"))[1]);
    const before = fileKib();
    releaseUnused();
    const after = fileKib();
    console.log(before, after, [3, 1, 2].sort().join(""), await new Promise((done) => setTimeout(done, 10, "later")));`;
  const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "--eval", script], {
    encoding: "utf8",
  });
  const [before = 0, after = 0] = stdout.split(" ").map(Number);
  assert.match(stdout, / 123 later\n$/, stderr);
  assert.ok(after < (before * 2) / 3, `${before} KiB before, ${after} after`);
});
