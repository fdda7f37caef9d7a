// Whatever a kernel, or a bug in one, might write: an answer or an error number, never an exception, never a wrong length.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { hostFiles } from "../fixture-host.ts";
import { EVERY_REQUEST, message, type ReplyFields } from "../fuse-messages.ts";
import { serveFixture } from "../served-fixture.ts";

const served = serveFixture(hostFiles("v2-6.1-x86_64-4cpu-swap"));
const MAX_ERRNO = 511;

/** What the kernel checks before it accepts a reply (fs/fuse/dev.c, fuse_dev_do_write). */
function acceptable(reply: ReplyFields | undefined, sent: Buffer): void {
  assert.deepEqual(served.failures, []);
  if (reply === undefined) return;
  assert.ok(reply.error >= 0 && reply.error <= MAX_ERRNO, `errno ${reply.error}`);
  if (reply.error !== 0) assert.equal(reply.length, 16);
  assert.equal(reply.length, 16 + reply.body.length);
  assert.equal(reply.unique, sent.readBigUInt64LE(8));
}

describe("every request", () => {
  for (const { name, bytes } of EVERY_REQUEST) {
    test(`${name}: whole, and cut off after every byte`, () => {
      acceptable(served.ask(bytes), bytes);
      for (let length = 40; length < bytes.length; length += 1)
        acceptable(served.ask(bytes.subarray(0, length)), bytes);
    });
  }
});

test("a message shorter than a header owes no answer, and is reported", () => {
  for (let length = 0; length < 40; length += 1) {
    const before = served.failures.length;
    assert.equal(served.ask(message({ opcode: 3 }).subarray(0, length)), undefined);
    assert.equal(served.failures.length, before + 1);
  }
  served.failures.length = 0;
});

test("requests with bytes changed at random", () => {
  const change = fc.record({ at: fc.nat(127), value: fc.nat(255) });
  fc.assert(
    fc.property(
      fc.constantFrom(...EVERY_REQUEST),
      fc.array(change, { minLength: 1, maxLength: 12 }),
      ({ bytes }, changes) => {
        const corrupt = Buffer.from(bytes);
        for (const { at, value } of changes) corrupt[at % corrupt.length] = value;
        acceptable(served.ask(corrupt), corrupt);
      },
    ),
    { numRuns: 20_000 },
  );
});

test("random bytes", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 40, maxLength: 300 }), (random) => {
      const bytes = Buffer.from(random);
      acceptable(served.ask(bytes), bytes);
    }),
    { numRuns: 20_000 },
  );
});

/** Numerical Recipes' generator: the same requests in every run, and fast enough for a million. */
function* randomWords(seed: number): Generator<number> {
  for (let word = seed >>> 0; ; word = (Math.imul(word, 1_664_525) + 1_013_904_223) >>> 0) yield word;
}

test("a million requests, corrupt and random by turns", () => {
  const words = randomWords(20_261_122);
  const next = (below: number): number => Math.floor(((words.next().value as number) / 2 ** 32) * below);
  for (let count = 0; count < 1_000_000; count += 1) {
    const { bytes } = EVERY_REQUEST[next(EVERY_REQUEST.length)] as (typeof EVERY_REQUEST)[number];
    const corrupt = Buffer.from(bytes);
    for (let changes = next(8); changes >= 0; changes -= 1) corrupt[next(corrupt.length)] = next(256);
    acceptable(served.ask(count % 2 === 0 ? corrupt : corrupt.subarray(0, 40 + next(corrupt.length - 39))), corrupt);
  }
});
