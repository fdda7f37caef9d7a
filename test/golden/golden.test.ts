// Captured machines x processes in them -> the exact bytes each sees. A case is a folder: case.json says which machine
// and which process, want/ holds the files. UPDATE_GOLDEN=1 writes what is missing or different, refused under CI.

import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { describe, test } from "node:test";
import { rendererFor } from "../../cli/subject.ts";
import { VIRTUAL_FILES } from "../../contract/virtual-files.ts";
import { Containers } from "../../node-agent/container/containers.ts";
import { findHierarchies } from "../../node-agent/container/hierarchies.ts";
import { ContainerResolver } from "../../node-agent/container/resolve-container.ts";
import { DEFAULT_VIEW_OPTIONS, type ViewOptions } from "../../node-agent/view/view-options.ts";
import { hostFiles } from "../fixture-host.ts";

interface Case {
  host: string;
  pid: number;
  /** What the case is about. */
  about: string;
  options?: Partial<ViewOptions>;
}

const CASES = new URL("../fixtures/cases/", import.meta.url).pathname;
const CPU = "sys/devices/system/cpu";
const FILES = [
  ...VIRTUAL_FILES.map(({ path }) => path),
  ...["online", "possible", "present", "offline", "smt/active"].map((name) => `${CPU}/${name}`),
  ...["topology/core_cpus_list", "topology/package_cpus", "cache/index2/shared_cpu_map"].map(
    (name) => `${CPU}/cpu0/${name}`,
  ),
];

const update = process.env["UPDATE_GOLDEN"] === "1";
assert.ok(!(update && process.env["CI"]), "goldens are not updated under CI");

for (const name of readdirSync(CASES).sort()) {
  const folder = join(CASES, name);
  const { host, pid, about, options } = JSON.parse(readFileSync(join(folder, "case.json"), "utf8")) as Case;
  describe(`${name}: ${about}`, () => {
    const files = hostFiles(host);
    const resolver = new ContainerResolver(files, findHierarchies(files));
    const container = new Containers(files, resolver).ofThread(pid);
    const renderer = () => rendererFor(files, { ...DEFAULT_VIEW_OPTIONS, ...options });
    const served = FILES.filter((path) => files.has(path));

    for (const path of served) {
      test(path, () => {
        assert.notEqual(container, "gone");
        const bytes =
          container === "host" || container === "gone"
            ? renderer().renderHost(path)
            : renderer().render(container, path, 0);
        compare(join(folder, "want", path), bytes);
      });
    }

    test("wants no file that is not served", () => {
      const wanted = filesBelow(join(folder, "want")).map((file) => relative(join(folder, "want"), file));
      assert.deepEqual(wanted.sort(), [...served].sort());
    });
  });
}

function compare(file: string, bytes: Buffer): void {
  const wanted = existsSync(file) ? readFileSync(file, "latin1") : undefined;
  const actual = bytes.toString("latin1");
  if (wanted === actual) {
    rmSync(`${file}.rej`, { force: true });
    return;
  }
  if (update) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, bytes);
    return;
  }
  writeRejected(file, bytes);
  assert.equal(actual, wanted, `${file} differs; what was rendered lies beside it as .rej`);
}

function writeRejected(file: string, bytes: Buffer): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(`${file}.rej`, bytes);
}

function filesBelow(folder: string): string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && !entry.name.endsWith(".rej"))
    .map((entry) => join(entry.parentPath, entry.name));
}
