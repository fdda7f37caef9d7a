import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, test } from "node:test";
import { HostFileError, HostFiles } from "../../../node-agent/host/host-files.ts";
import { HostInputs } from "../../../node-agent/render/host-inputs.ts";

const MAX_AGE_MILLIS = 100;
let procfs: string;
let now: number;
let parses: number;
let inputs: HostInputs;

beforeEach(() => {
  procfs = mkdtempSync(join(tmpdir(), "procview-host-inputs-"));
  now = 0;
  parses = 0;
  inputs = new HostInputs(new HostFiles({ procfs, sysfs: "/nowhere" }), () => now);
  write("1");
});
afterEach(() => rmSync(procfs, { recursive: true }));

const write = (text: string): void => writeFileSync(join(procfs, "swaps"), text);
const parsed = (): { text: string } =>
  inputs.parsed("proc/swaps", MAX_AGE_MILLIS, (text) => {
    parses += 1;
    return { text };
  });

describe("what is read of the host", () => {
  test("is as old as was asked for, and no older", () => {
    assert.equal(parsed().text, "1");
    write("2");
    now += MAX_AGE_MILLIS - 1;
    assert.equal(parsed().text, "1");
    now += 1;
    assert.equal(parsed().text, "2");
  });

  test("is parsed again only where it has changed", () => {
    const first = parsed();
    now += MAX_AGE_MILLIS;
    assert.equal(parsed(), first);
    assert.equal(parses, 1);
    write("2");
    now += MAX_AGE_MILLIS;
    assert.notEqual(parsed(), first);
    assert.equal(parses, 2);
  });

  test("that a file is not there is known for as long, and an error to who needs it", () => {
    const maybe = () => inputs.textIfAny("proc/uptime", MAX_AGE_MILLIS);
    assert.equal(maybe(), undefined);
    writeFileSync(join(procfs, "uptime"), "1.00 1.00\n");
    assert.equal(maybe(), undefined);
    now += MAX_AGE_MILLIS;
    assert.equal(maybe(), "1.00 1.00\n");
    assert.throws(() => inputs.text("proc/stat", MAX_AGE_MILLIS), HostFileError);
    assert.throws(() => inputs.parsed("proc/stat", MAX_AGE_MILLIS, String), HostFileError);
  });
});
