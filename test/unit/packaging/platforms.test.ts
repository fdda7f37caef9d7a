import assert from "node:assert/strict";
import { closeSync, openSync, readSync } from "node:fs";
import { describe, test } from "node:test";
import { isNative, MASK, PLATFORMS, platformOf } from "../../../packaging/image/platforms.ts";

const bytesOf = (escaped: string): Buffer => Buffer.from(escaped.replaceAll("\\x", ""), "hex");

/** As the kernel recognises a program (Documentation/admin-guide/binfmt-misc.rst). */
function matches(program: Buffer, magic: string): boolean {
  const [wanted, mask] = [bytesOf(magic), bytesOf(MASK)];
  return wanted.every((byte, at) => (((program[at] as number) ^ byte) & (mask[at] as number)) === 0);
}

/** The beginning of the program that runs this. */
function ownProgram(): Buffer {
  const fd = openSync("/proc/self/exe", "r");
  const header = Buffer.alloc(20);
  readSync(fd, header, 0, header.length, 0);
  closeSync(fd);
  return header;
}

describe("the platforms that an image is built for", () => {
  test("a program of this machine is taken for one of its platform, and of no other", () => {
    const program = ownProgram();
    const taken = PLATFORMS.filter(({ magic }) => matches(program, magic));
    assert.deepEqual(
      taken.map(({ node }) => node),
      [process.arch],
    );
  });

  test("with any ABI, position-independent or not, but of 64 bits and no library's archive", () => {
    const { magic } = platformOf("linux/arm64");
    const program = bytesOf(magic);
    const variant = (at: number, value: number): Buffer =>
      Buffer.from(program.map((byte, i) => (i === at ? value : byte)));
    assert.ok(matches(variant(7, 3), magic) && matches(variant(16, 3), magic));
    assert.ok(!matches(variant(4, 1), magic) && !matches(variant(16, 1), magic) && !matches(variant(18, 0x3e), magic));
  });

  test("without a name it is this machine's; another one is refused, and those that are known are named", () => {
    assert.ok(isNative(platformOf(undefined)));
    assert.throws(
      () => platformOf("linux/riscv64"),
      /No image is built for linux\/riscv64: linux\/amd64 and linux\/arm64 are/,
    );
  });
});
