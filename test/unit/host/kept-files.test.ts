import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readlinkSync, rmSync, unlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, test } from "node:test";
import { KeptFiles } from "../../../node-agent/host/kept-files.ts";

let folder: string;
let now: number;
let kept: KeptFiles;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "procview-kept-"));
  now = 100_000;
  kept = new KeptFiles(
    (name) => join(folder, name),
    () => now,
  );
  write("a", "one\n");
});
afterEach(() => rmSync(folder, { recursive: true }));

const write = (name: string, text: string): void => writeFileSync(join(folder, name), text);
const read = (name = "a"): string => kept.read(name, false).toString("latin1");

/** What the kernel says is open, which a count of ours might miss. */
function openOnes(): string[] {
  const links = readdirSync("/proc/self/fd").map((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`);
    } catch {
      return "";
    }
  });
  return links.filter((link) => link.startsWith(folder));
}

describe("KeptFiles", () => {
  test("a file that is read once is closed, one that is read again is kept open", () => {
    assert.equal(read(), "one\n");
    assert.deepEqual([kept.size, openOnes().length], [0, 0]);
    now += 1000;
    assert.equal(read(), "one\n");
    assert.deepEqual([kept.size, openOnes().length], [1, 1]);
    write("a", "another\n");
    assert.equal(read(), "another\n");
    assert.equal(openOnes().length, 1);
  });

  test("a file that is read every few seconds is not kept", () => {
    for (let count = 0; count < 5; count += 1, now += 5000) read();
    assert.deepEqual([kept.size, openOnes().length], [0, 0]);
  });

  test("what is unused for long is closed when another is read", () => {
    read();
    read();
    assert.equal(openOnes().length, 1);
    write("b", "two\n");
    now += 3500;
    read("b");
    assert.deepEqual([kept.size, openOnes().length], [0, 0]);
  });

  test("a file that is never kept open, however often it is read", () => {
    for (let count = 0; count < 3; count += 1) assert.equal(kept.readOnce("a", true).toString("latin1"), "one\n");
    assert.deepEqual([kept.size, openOnes().length], [0, 0]);
  });

  test("a file that is gone throws and leaves nothing open", () => {
    read();
    read();
    now += 3500;
    unlinkSync(join(folder, "a"));
    assert.throws(() => read(), { code: "ENOENT" });
    assert.throws(() => read(), { code: "ENOENT" });
    assert.deepEqual([kept.size, openOnes().length], [0, 0]);
  });

  test("a file larger than any buffer before it is read whole", () => {
    write("a", "x".repeat(300_000));
    assert.equal(read().length, 300_000);
    assert.equal(read().length, 300_000);
  });
});
