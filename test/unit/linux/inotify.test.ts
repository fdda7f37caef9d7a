// Events of the kernel reach the main thread: with real directories, and more events than the kernel keeps.

import assert from "node:assert/strict";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { IN_MODIFY, IN_ONLYDIR, Inotify } from "../../../node-agent/linux/inotify.ts";

const options = { skip: process.platform === "linux" ? false : "needs Linux", timeout: 30_000 };
const MASK = IN_MODIFY | IN_ONLYDIR;

let directory: string;
let seen: string[];
let inotify: Inotify;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "procview-inotify-"));
  seen = [];
  inotify = new Inotify({
    pending: (take) => take(),
    happened: (wd, name) => seen.push(`${wd} ${name}`),
    ended: (wd) => seen.push(`${wd} ended`),
    lost: () => seen.push("lost"),
  });
});
afterEach(() => {
  inotify.close();
  rmSync(directory, { recursive: true, force: true });
});

async function until(event: string): Promise<void> {
  while (!seen.includes(event)) await sleep(1);
}

test("a write is told of with its file and its watch; one directory has one watch", options, async () => {
  const wd = inotify.add(directory, MASK);
  assert.equal(inotify.add(`${directory}/.`, MASK), wd);
  writeFileSync(join(directory, "memory.max"), "1");
  await until(`${wd} memory.max`);
  assert.deepEqual(new Set(seen), new Set([`${wd} memory.max`]));
});

test("a watch that was removed tells no more, and neither does a directory that is gone", options, async () => {
  const wd = inotify.add(directory, MASK);
  assert.equal(inotify.remove(wd), true);
  await until(`${wd} ended`);
  writeFileSync(join(directory, "memory.max"), "1");
  const next = inotify.add(directory, MASK);
  rmSync(directory, { recursive: true });
  await until(`${next} ended`);
  assert.equal(inotify.remove(next), false);
  assert.deepEqual(seen, [`${wd} ended`, `${next} ended`]);
});

test("more events than fit into one read are told of, and that there were too many", options, async () => {
  const room = Number(readFileSync("/proc/sys/fs/inotify/max_queued_events", "latin1"));
  const wd = inotify.add(directory, MASK);
  const files = ["a", "b"].map((name) => openSync(join(directory, name), "w"));
  // Two of the same, one after the other, would count as one.
  for (let count = 0; count <= room; count += 1) writeSync(files[count % 2] as number, "1");
  for (const file of files) closeSync(file);
  await until("lost");
  assert.equal(seen.filter((event) => event !== "lost").length, room);
  assert.equal(seen[0], `${wd} a`);
});

test("what cannot be watched is told by name", options, () => {
  assert.throws(() => inotify.add(join(directory, "none"), MASK), { code: "ENOENT" });
});
