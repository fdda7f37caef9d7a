// Files that are rendered when they are opened, with a model of the kernel's page cache between reader and server.

import assert from "node:assert/strict";
import { once } from "node:events";
import { ftruncateSync } from "node:fs";
import { beforeEach, describe, test } from "node:test";
import { Worker } from "node:worker_threads";
import fc from "fast-check";
import type { Source } from "../../../node-agent/vfs/generation.ts";
import { Generations, monotonicMillis } from "../../../node-agent/vfs/generations.ts";
import { OpenedFiles, shareOpenedFiles } from "../../../node-agent/vfs/opened-files.ts";
import { shareGenerations } from "../../../node-agent/vfs/shared-generations.ts";
import { KernelModel, type OpenFile } from "./kernel-model.ts";
import { stateFileOfEach } from "./state-file.ts";

const NODE = { high: 0, low: 0x02d00023 };
const PAUSE_MILLIS = 600;
const REOPENED = 100;
const RELEASING = new URL("./releasing-worker.ts", import.meta.url);
const state = stateFileOfEach();
let now: number;
let rendered: number;
let kernel: KernelModel;
let server: OpenedFiles;

/** One rendering is one number, over and over: mixing two shows. */
let content: (rendering: number) => string;
const source: Source = {
  render: () => {
    rendered += 1;
    return Buffer.from(content(rendered));
  },
  fallback: () => Buffer.from("fallback\n"),
  failed: () => undefined,
  forced: () => undefined,
  maxAgeMillis: 0,
  isReading: () => false,
  limitsSettled: true,
};

beforeEach(() => {
  now = monotonicMillis();
  rendered = 0;
  content = (rendering) => `${String(rendering).padStart(6)}\n`.repeat(5);
  kernel = new KernelModel(NODE);
  server = serve();
  // As a path walk does.
  new Generations(shared(), state.fd, true, () => now).ask(NODE, { contact: "open", tid: 1 }, source);
  server = serve();
});

const shared = () => shareGenerations(state.fd);

/** A server, or the next one: all it knows is in the state file. */
function serve(): OpenedFiles {
  return new OpenedFiles(shareOpenedFiles(shared(), state.fd, true, 1), state.fd, kernel, () => now);
}

/** What a server of its own shares, and its part that does not know who has files open. */
function withoutPredecessor() {
  ftruncateSync(state.fd);
  const parts = shareOpenedFiles(shared(), state.fd, true, 2);
  return { parts, turning: new Generations(parts.generations, state.fd, true, () => now) };
}

/** By a thread that has nothing else open. */
const open = (tid = 0) => kernel.open(server, tid, source);
const readAll = (file: OpenFile, size = 4096) => kernel.readAll(server, file, size, source);
const close = (file: OpenFile) => server.release(NODE, file.handle);

function requests(): string {
  const made = kernel.requests.join(" ");
  kernel.requests = [];
  return made;
}

/** Opens, reads and closes. */
function reading(): string {
  const file = open();
  const text = readAll(file);
  close(file);
  return text;
}

describe("a file that is rendered when it is opened", () => {
  test("costs one request where its size stays, and shows each rendering", () => {
    reading();
    requests();
    assert.equal(reading(), content(3));
    assert.equal(requests(), "OPEN");
    kernel.forgetAttributes();
    assert.equal(reading(), content(4));
    assert.equal(requests(), "OPEN GETATTR");
  });

  test("is right where its size changes, or pages cannot be stored", () => {
    for (const length of [5, 7, 3, 9, 9, 1]) {
      content = (rendering) => `${rendering}\n`.repeat(length);
      for (const stores of [true, false]) {
        kernel.stores = stores;
        assert.equal(reading(), content(rendered));
      }
    }
  });

  test("who opens it while another has it open reads a rendering of its own, past the cache", () => {
    const owner = open();
    const other = open();
    assert.deepEqual([owner.direct, other.direct], [false, true]);
    const [ofOwner, ofOther] = [content(2), content(3)];
    assert.equal(readAll(other, 3), ofOther);
    assert.equal(readAll(owner, 3), ofOwner);
    close(owner);
    assert.equal(open().direct, false);
    other.offset = 4;
    assert.equal(readAll(other), ofOther.slice(4));
  });

  test("a rendering of the same bytes is put nowhere, and is read all the same", () => {
    content = () => "same\n";
    reading();
    const { stored } = kernel;
    requests();
    assert.equal(reading(), "same\n");
    assert.equal(requests(), "OPEN");
    kernel.reclaimPages();
    assert.equal(reading(), "same\n");
    assert.equal(requests(), "OPEN READ");
    assert.equal(rendered, 4);
    assert.equal(kernel.stored, stored);
    content = () => "else\n";
    assert.equal(reading(), "else\n");
    assert.equal(kernel.stored, stored + 1);
  });

  test("who opens again what it has just closed has the pages again, though another thread is still at the close", async () => {
    const { parts } = withoutPredecessor();
    new Generations(parts.generations, state.fd, true).ask(NODE, { contact: "open", tid: 1 }, source);
    server = new OpenedFiles(parts, state.fd, kernel);
    const turn = new Int32Array(new SharedArrayBuffer(8));
    const releasing = new Worker(RELEASING, { workerData: { parts, stateFd: state.fd, node: NODE, turn } });
    await once(releasing, "message");
    let pagesAgain = 0;
    for (let at = 1; at <= REOPENED; at += 1) {
      const { handle } = open(7);
      Atomics.store(turn, 1, handle.id);
      Atomics.store(turn, 0, at);
      const again = open(7);
      if (!again.direct) pagesAgain += 1;
      while (Atomics.load(turn, 0) !== 0);
      close(again);
    }
    await releasing.terminate();
    // On a busy machine the other thread is late now and then.
    assert.ok(pagesAgain >= REOPENED / 4, `${pagesAgain} of ${REOPENED}`);
  });

  test("who rewinds sees a new rendering: at once past the cache, after a pause with it", () => {
    const owner = open();
    const other = open();
    for (const file of [owner, other]) readAll(file);
    for (const file of [owner, other]) file.offset = 0;
    assert.equal(readAll(other), content(4));
    now += PAUSE_MILLIS;
    kernel.forgetAttributes();
    assert.equal(readAll(owner), content(5));
  });

  test("a rendering that fails shows the last good one to the owner, the fallback to others", () => {
    reading();
    content = () => assert.fail("gone");
    const owner = open();
    assert.match(readAll(owner), /^ +\d\n/);
    assert.equal(readAll(open()), "fallback\n");
  });

  test("a successor serves what its predecessor's readers have open, and the owner of pages is free again soon", () => {
    const owner = open();
    const other = open();
    const [ofOwner, ofOther] = [content(2), content(3)];
    kernel.read(server, owner, 3, source);
    kernel.read(server, other, 3, source);
    server = serve();
    assert.equal(open().direct, true);
    assert.equal(readAll(owner), ofOwner.slice(3));
    assert.equal(readAll(other), ofOther.slice(3));
    now += PAUSE_MILLIS;
    assert.equal(open().direct, false);
  });

  test("a reader that waited long for a successor is in the middle of its reading still", () => {
    const owner = open();
    const begun = kernel.read(server, owner, 7, source);
    now += PAUSE_MILLIS;
    server = serve();
    kernel.forgetAttributes();
    assert.equal(begun + readAll(owner), content(2));
  });

  test("who waits for the file to turn since before it was first opened is answered, and it does not turn under its owner", () => {
    const { parts, turning } = withoutPredecessor();
    const busy = { ...source, isReading: () => true };
    turning.ask(NODE, { contact: "open", tid: 2 }, busy);
    now += 10;
    const request = { uniqueLow: 2, uniqueHigh: 0, lookup: false };
    assert.ok(turning.ask(NODE, { contact: "open", tid: 3, request }, busy).firstToWait);
    server = new OpenedFiles(parts, state.fd, kernel, () => now);
    now += PAUSE_MILLIS;
    const owner = open();
    const begun = kernel.read(server, owner, 3, source);
    const shown = content(rendered);
    const answer = turning.overdue(NODE, busy);
    assert.ok(typeof answer === "object" && answer.released.length === 1 && answer.turning === undefined);
    assert.equal(answer.generation?.sizeBytes, shown.length);
    kernel.forgetAttributes();
    assert.equal(begun + readAll(owner, 3), shown);
  });

  test("after an answer to one who had not opened it, which may still be on its way, pages are filled anew", () => {
    const { parts, turning } = withoutPredecessor();
    server = new OpenedFiles(parts, state.fd, kernel, () => now);
    turning.ask(NODE, { contact: "open", tid: 3 }, source);
    reading();
    content = (rendering) => `${rendering}\n`.repeat(3);
    now += PAUSE_MILLIS;
    turning.ask(NODE, { contact: "open", tid: 4 }, source);
    requests();
    // As large as that answer tells, less than the kernel knows of.
    assert.equal(reading(), content(rendered));
    assert.equal(requests(), "OPEN GETATTR READ");
  });

  test("more open files than there is room for: the oldest is lost, the others are not", () => {
    open();
    const files = Array.from({ length: 1025 }, open);
    const [first, second] = files as [OpenFile, OpenFile];
    assert.throws(() => readAll(first), /the handle is lost/);
    assert.match(readAll(second), /^ +\d+\n/);
  });

  test("whatever readers and the server's deaths do, each reading is one rendering, made since it was opened", () => {
    const steps = fc.array(fc.tuple(fc.constantFrom("open", "read", "close", "forget", "die", "grow"), fc.nat(3)), {
      maxLength: 60,
    });
    fc.assert(
      fc.property(steps, (all) => {
        const files = new Map<number, { file: OpenFile; text: string; since: number }>();
        let width = 4;
        content = (rendering) => `${String(rendering).padStart(width)}\n`.repeat(5);
        const act: Record<string, (reader: number) => void> = {
          open: (reader) => {
            if (files.has(reader)) return;
            const since = rendered;
            files.set(reader, { file: open(), text: "", since });
          },
          read: (reader) => {
            const read = files.get(reader);
            if (read !== undefined) read.text += kernel.read(server, read.file, 7, source);
          },
          close: (reader) => {
            const read = files.get(reader);
            if (read === undefined) return;
            files.delete(reader);
            const text = read.text + readAll(read.file, 7);
            close(read.file);
            const lines = new Set(text.trimEnd().split("\n"));
            assert.equal(lines.size, 1, text);
            assert.equal(text.split("\n").length, 6, text);
            assert.ok(Number([...lines][0]) > read.since, text);
          },
          forget: () => kernel.forgetAttributes(),
          die: () => {
            // Nobody reads on while nobody serves, however long that is.
            now += PAUSE_MILLIS;
            kernel.forgetAttributes();
            server = serve();
          },
          grow: (reader) => {
            width = 4 + reader;
          },
        };
        for (const [step, reader] of all) act[step]?.(reader);
        for (const reader of files.keys()) act["close"]?.(reader);
      }),
    );
  });
});
