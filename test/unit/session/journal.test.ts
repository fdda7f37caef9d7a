// The journal: what is read and not answered stands where a successor finds it, however much that is.

import assert from "node:assert/strict";
import { closeSync, openSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { fuse_in_header } from "../../../node-agent/fuse/abi.ts";
import { Journal } from "../../../node-agent/session/journal.ts";

const HEADER_BYTES = 40;
const MORE_THAN_FIT = 2000;
const FILE = join(tmpdir(), `procview-journal-${process.pid}`);
const fds: number[] = [];

function emptyFile(): number {
  const fd = openSync(FILE, "w+");
  fds.push(fd);
  return fd;
}

after(() => {
  for (const fd of fds) closeSync(fd);
  rmSync(FILE, { force: true });
});

/** As a worker does: reads requests and has each wait, as long as it may. Returns how many. */
function fill(journal: Journal): number {
  let waiting = 0;
  do {
    const { buffer } = journal.free();
    buffer.writeUInt32LE(HEADER_BYTES, fuse_in_header.len);
    waiting += 1;
  } while (journal.hasRoom() && waiting < MORE_THAN_FIT);
  return waiting;
}

const unanswered = (journal: Journal): number => [...journal.unanswered()].length;

describe("requests that wait", () => {
  test("a single worker has a thousand of them, and a successor finds each", () => {
    const fd = emptyFile();
    assert.equal(fill(new Journal(fd, 0, 1)), 1024);
    const successor = new Journal(fd, 0, 1);
    assert.equal(unanswered(successor), 1024);
    for (const slot of successor.unanswered()) successor.done(slot);
    assert.ok(successor.hasRoom());
  });

  test("another number of workers than before: each request is one's", () => {
    const fd = emptyFile();
    const before = fill(new Journal(fd, 0, 3)) + fill(new Journal(fd, 2, 3));
    for (const workers of [1, 2, 5, 16]) {
      const found = Array.from({ length: workers }, (_, worker) => unanswered(new Journal(fd, worker, workers)));
      assert.equal(
        found.reduce((sum, count) => sum + count, 0),
        before,
        `${workers} workers`,
      );
    }
  });
});
