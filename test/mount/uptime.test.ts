// /proc/uptime counts from the start of the container's first process, whatever that is called and wherever it lives.

import assert from "node:assert/strict";
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { TestCgroups } from "./cgroups.ts";
import { lacks, mounted, nothingLeft, SLOWNESS, skip, until } from "./harness.ts";
import { OWN_NAMESPACES, startContainer } from "./test-container.ts";

after(nothingLeft);

const NAME = `docker/${"a".repeat(64)}`;
const FILES = ["proc/uptime"];
/** Between the start of a container and the read; the machine has been up for longer. */
const YOUNG_SECONDS = 5 * SLOWNESS;

const hostUpSeconds = () => Number(readFileSync("/proc/uptime", "utf8").split(" ")[0]);
const upSeconds = (text: string) => Number(text.split(" ")[0]);

/** Names that look like the fields of /proc/PID/stat around them; the kernel keeps 15 characters. */
const NAMES = ["a) b (c", ") S 1 1 1 0 -1", "((", "))", " "];

interface Case {
  what: string;
  namespaces: readonly string[];
  skip?: string | false;
}

const CASES: readonly Case[] = [
  { what: "a pid namespace of its own", namespaces: OWN_NAMESPACES },
  { what: "none but a cgroup", namespaces: ["unshare", "--mount"] },
];

const oldMachine =
  hostUpSeconds() > 2 * YOUNG_SECONDS ? false : `needs a machine that is up for ${2 * YOUNG_SECONDS} s`;

describe("a container's uptime begins near 0", { skip: skip || oldMachine }, () => {
  for (const { what, namespaces } of CASES) {
    test(`with ${what}, and advances`, async () => {
      await using mount = await mounted("--freshness", "0");
      await using cgroups = new TestCgroups();
      const cgroup = cgroups.make(`${cgroups.root}/${NAME}`);
      const options = { cgroup, mount: mount.directory, files: FILES, namespaces };
      await using container = await startContainer({ ...options, first: "cat /proc/uptime" });
      const first = upSeconds(container.said());
      assert.ok(first >= 0 && first < YOUNG_SECONDS, container.said());
      const hostBefore = hostUpSeconds();
      const before = upSeconds(container.exec("cat /proc/uptime"));
      await until("a second has passed", () => hostUpSeconds() > hostBefore + 1);
      const passed = upSeconds(container.exec("cat /proc/uptime")) - before;
      assert.ok(passed >= 0.9 && passed < 1 + YOUNG_SECONDS, `${passed} s in one of the machine`);
    });
  }

  for (const name of NAMES) {
    test(`with a first process called "${name}"`, async () => {
      const folder = mkdtempSync(join(tmpdir(), "procview-name-"));
      try {
        copyFileSync("/bin/sleep", join(folder, name));
        await using mount = await mounted();
        await using cgroups = new TestCgroups();
        const cgroup = cgroups.make(`${cgroups.root}/${NAME}`);
        const init = `'${join(folder, name)}' 1000`;
        // Its start is looked up once, at the first read: not before it has its name.
        await using container = await startContainer({ cgroup, mount: mount.directory, files: [], init });
        const begun = hostUpSeconds();
        await until("it has its name", () => readFileSync(`/proc/${container.pid}/comm`, "utf8") === `${name}\n`);
        await until("it is older than who reads", () => hostUpSeconds() > begun + 1);
        const seen = upSeconds(container.exec(`cat ${mount.directory}/proc/uptime`));
        assert.ok(seen > 1 && seen < 1 + YOUNG_SECONDS, `${seen} s`);
      } finally {
        rmSync(folder, { recursive: true });
      }
    });
  }

  test("with a time namespace that begins with it, as the kernel's own clock there says", {
    skip: lacks("python3"),
  }, async () => {
    await using mount = await mounted("--freshness", "0");
    await using cgroups = new TestCgroups();
    const cgroup = cgroups.make(`${cgroups.root}/${NAME}`);
    const namespaces = [...OWN_NAMESPACES, "--time", `--boottime=-${Math.floor(hostUpSeconds())}`];
    const first =
      "python3 -c 'import time; print(open(\"/proc/uptime\").read().strip(), time.clock_gettime(time.CLOCK_BOOTTIME))'";
    await using container = await startContainer({
      cgroup,
      mount: mount.directory,
      files: FILES,
      namespaces,
      first,
    });
    const [shown, , clock] = container.said().split(" ").map(Number) as [number, number, number];
    assert.ok(shown >= 0 && shown < 2 * YOUNG_SECONDS, container.said());
    assert.ok(Math.abs(shown - clock) < 0.5 * SLOWNESS, container.said());
    // Who enters the namespaces without that of time has the machine's clock, and yet the container's uptime.
    const entered = upSeconds(container.exec("cat /proc/uptime"));
    assert.ok(entered >= shown && entered < 3 * YOUNG_SECONDS, `${entered} s`);
  });
});
