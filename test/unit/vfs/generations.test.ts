import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";
import { Barriers } from "../../../node-agent/vfs/barriers.ts";
import type { Generation, Source } from "../../../node-agent/vfs/generation.ts";
import { Generations, monotonicMillis } from "../../../node-agent/vfs/generations.ts";
import type { NodeId } from "../../../node-agent/vfs/node-id.ts";
import { type SharedGenerations, shareGenerations } from "../../../node-agent/vfs/shared-generations.ts";
import { MAX_CONTENT_BYTES, SLOTS } from "../../../node-agent/vfs/slots.ts";
import type { Contact } from "../../../node-agent/vfs/turn.ts";
import { stateFileOfEach } from "./state-file.ts";

const NODE = { high: 0, low: 0x02d00023 };
const state = stateFileOfEach();
let shared: SharedGenerations;
let generations: Generations;

beforeEach(() => {
  shared = shareGenerations(state.fd);
  generations = new Generations(shared, state.fd, true, clock);
});

const of = (text: string) => ({
  render: () => Buffer.from(text),
  fallback: () => Buffer.from("fallback\n"),
  failed: () => assert.fail("must not fail"),
  isReading: () => false,
  limitsSettled: true,
  forced: () => assert.fail("nobody reads"),
});

let thread = 100;
let now = monotonicMillis();
const clock = () => now;

/** As a thread of its own that opens the file. */
function opened(
  node: NodeId,
  maxAgeMillis: number,
  source: Omit<Source, "maxAgeMillis">,
  from = generations,
): Generation {
  // Later than anyone who read before may still be at it.
  now += 1000;
  return asked(node, "open", { ...source, maxAgeMillis }, from);
}

function asked(
  node: NodeId,
  contact: Contact,
  source: Omit<Source, "maxAgeMillis"> & { maxAgeMillis?: number },
  from = generations,
): Generation {
  thread += 1;
  const full = { maxAgeMillis: 0, ...source };
  const answer = from.ask(node, { contact, tid: thread }, full);
  const { generation } = answer.turning ? from.turned(node, full, false) : answer;
  assert.ok(generation !== undefined);
  return generation;
}

function content(node = NODE, from = generations): string | undefined {
  const target = Buffer.alloc(100);
  const count = from.read(node, 0, 0, 100, target);
  return count === undefined ? undefined : target.toString("latin1", 0, count);
}

describe("Generations", () => {
  test("keeps a rendering until it is too old", () => {
    const first = opened(NODE, 5000, of("one\n"));
    assert.equal(first.sizeBytes, 4);
    assert.equal(opened(NODE, 5000, of("two\n")).generation, first.generation);
    assert.equal(content(), "one\n");
    now += 10_000;
    const second = opened(NODE, 0, of("three\n"));
    assert.ok(second.generation > first.generation);
    assert.equal(content(), "three\n");
  });

  test("reads at any offset, nothing at and beyond the end", () => {
    opened(NODE, 0, of("0123456789"));
    const target = Buffer.alloc(4);
    assert.equal(generations.read(NODE, 0, 3, 4, target), 4);
    assert.equal(target.toString(), "3456");
    assert.equal(generations.read(NODE, 0, 8, 4, target), 2);
    assert.equal(generations.read(NODE, 0, 10, 4, target), 0);
    assert.equal(generations.read(NODE, 0, 2 ** 40, 4, target), 0);
    assert.equal(generations.read({ high: 1, low: 5 }, 0, 0, 4, target), undefined);
  });

  test("a shorter rendering leaves nothing of a longer one", () => {
    opened(NODE, 0, of("a long line\n"));
    opened(NODE, 0, of("short\n"));
    assert.equal(content(), "short\n");
  });

  test("serves the last good rendering when one fails, and says so", () => {
    opened(NODE, 0, of("good\n"));
    const told: unknown[] = [];
    const failing = {
      ...of(""),
      render: () => assert.fail("gone"),
      failed: (_: unknown, served: string) => told.push(served),
    };
    assert.equal(opened(NODE, 0, failing).sizeBytes, 5);
    assert.equal(content(), "good\n");
    assert.deepEqual(told, ["last good"]);
  });

  test("serves the fallback where there is no good one yet", () => {
    const told: unknown[] = [];
    const failing = {
      ...of(""),
      render: () => assert.fail("gone"),
      failed: (_: unknown, served: string) => told.push(served),
    };
    opened(NODE, 0, failing);
    assert.equal(content(), "fallback\n");
    assert.deepEqual(told, ["fallback"]);
  });

  test("refuses a rendering larger than a slot", () => {
    const huge = { ...of(""), render: () => Buffer.alloc(MAX_CONTENT_BYTES + 1), failed: () => undefined };
    opened(NODE, 0, huge);
    assert.equal(content(), "fallback\n");
  });

  test("a successor finds what its predecessor rendered, and counts on", () => {
    const before = opened(NODE, 0, of("kept\n"));
    const inherited = shareGenerations(state.fd);
    const successor = new Generations(inherited, state.fd, true, clock);
    assert.equal(content(NODE, successor), "kept\n");
    successor.dropped(successor.expire(() => true));
    const barriers = new Barriers(inherited.barriers);
    barriers.pass(barriers.raise());
    assert.ok(opened(NODE, 0, of("new\n"), successor).generation > before.generation);
  });

  test("a successor shows nothing new to whoever may be in the middle, however late it serves", () => {
    opened(NODE, 0, of("kept\n"));
    const inherited = shareGenerations(state.fd);
    const successor = new Generations(inherited, state.fd, true, clock);
    const barriers = new Barriers(inherited.barriers);
    assert.equal(opened(NODE, 0, of("longer\n"), successor).sizeBytes, 5);
    assert.equal(asked(NODE, "read", of("longer\n"), successor).sizeBytes, 5);
    successor.dropped(successor.expire(() => true));
    barriers.pass(barriers.raise());
    assert.equal(asked(NODE, "read", of("longer\n"), successor).sizeBytes, 5, "it may have begun before");
    assert.equal(opened(NODE, 0, of("longer\n"), successor).sizeBytes, 7);
  });

  test("what was asked for before attributes were dropped is answered with what the kernel knows", () => {
    opened(NODE, 5000, of("one\n"));
    generations.dropped(generations.expire(({ low }) => low === NODE.low));
    const barriers = new Barriers(shared.barriers);
    const barrier = barriers.raise();
    now += 1000;
    const late = { ...of("longer\n"), maxAgeMillis: 5000 };
    const before = asked(NODE, "read", late);
    assert.deepEqual([before.sizeBytes, before.validMillis], [4, 0]);
    assert.equal(barriers.pass({ ...barrier, uniqueHigh: barrier.uniqueHigh ^ 1 }), false, "of a predecessor");
    assert.equal(asked(NODE, "read", late).sizeBytes, 4);
    assert.equal(barriers.pass(barrier), true);
    now += 1000;
    assert.equal(asked(NODE, "read", late).sizeBytes, 7);
  });

  test("limits of a container in its first second: nothing is dropped, the next to begin is shown them", () => {
    const young = (text: string) => ({ ...of(text), limitsSettled: false });
    opened(NODE, 0, young("machine\n"));
    assert.deepEqual(
      generations.expire(() => true),
      [],
    );
    assert.equal(opened(NODE, 0, young("own\n")).sizeBytes, 4);
  });

  test("more files than slots: every one of them can be rendered, the oldest make room", () => {
    for (let low = 0; low < SLOTS * 2; low += 1) opened({ high: 7, low }, 60_000, of(`${low}\n`));
    let kept = 0;
    for (let low = 0; low < SLOTS * 2; low += 1) {
      const text = content({ high: 7, low });
      if (text === undefined) continue;
      assert.equal(text, `${low}\n`);
      kept += 1;
    }
    assert.ok(kept > SLOTS / 2 && kept <= SLOTS, `${kept} kept`);
  });

  test("a thread that may drop no pages has whoever asks wait for one that may", () => {
    const shared = shareGenerations(state.fd);
    const [reads, drops] = [
      new Generations(shared, state.fd, false, clock),
      new Generations(shared, state.fd, true, clock),
    ];
    const source = { ...of("two\n"), maxAgeMillis: 0 };
    const asks = (tid: number) =>
      reads.ask(NODE, { contact: "open", tid, request: { uniqueLow: tid, uniqueHigh: 0, lookup: false } }, source);
    opened(NODE, 0, of("one\n"), reads);
    now += 100;
    // Another has read it lately: it may read on from the kernel's pages at any moment.
    assert.deepEqual(asks(901), { generation: undefined, released: [], firstToWait: true, turning: undefined });
    assert.equal(content(NODE, reads), "one\n");
    const answer = drops.overdue(NODE, source);
    assert.ok(typeof answer === "object" && answer.turning);
    const { generation, released } = drops.turned(NODE, source, false);
    assert.deepEqual([generation?.sizeBytes, released.map(({ tid }) => tid)], [4, [901]]);
    assert.equal(content(NODE, reads), "two\n");
  });

  test("nobody waits for a rendering that says what the one before said", () => {
    const reads = new Generations(shareGenerations(state.fd), state.fd, false, clock);
    const source = { ...of("one\n"), maxAgeMillis: 0 };
    const first = opened(NODE, 0, of("one\n"), reads);
    now += 100;
    const request = { uniqueLow: 902, uniqueHigh: 0, lookup: false };
    const { generation, firstToWait } = reads.ask(NODE, { contact: "open", tid: 902, request }, source);
    assert.deepEqual([generation?.generation, firstToWait], [first.generation, false]);
  });

  test("what was rendered before limits were in place is not taken for settled while its successor waits", () => {
    const reads = new Generations(shareGenerations(state.fd), state.fd, false, clock);
    opened(NODE, 0, { ...of("machine\n"), limitsSettled: false }, reads);
    now += 100;
    const request = { uniqueLow: 903, uniqueHigh: 0, lookup: false };
    const source = { ...of("container\n"), maxAgeMillis: 5000 };
    assert.equal(reads.ask(NODE, { contact: "open", tid: 903, request }, source).firstToWait, true);
    // Who reads on meanwhile is told of the old content, and that it is valid for no time at all.
    assert.equal(reads.ask(NODE, { contact: "read", tid: 904 }, source).generation?.validMillis, 0);
    assert.equal(content(NODE, reads), "machine\n");
  });
});
