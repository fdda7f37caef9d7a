// The process that enters containers, put to the test by programs that take its place.

import assert from "node:assert/strict";
import { mkdtempDisposableSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Attacher } from "../../../node-agent/attach/attacher.ts";
import type { VisitRequest } from "../../../node-agent/attach/messages.ts";

const request = (pid: number): VisitRequest => ({
  subject: { pid, startTicks: 1, namespace: 1 },
  wishes: { files: [], base: "", key: 1 },
  served: { device: "0:1", source: "procview:/fs" },
  mountRoot: "/fs",
  procfs: "/proc",
  pressureFiles: {},
  sharedWithHost: [],
});

/** Answers for odd pids; does `otherwise` for even ones. */
const program = (otherwise: string): string => `
process.on("message", ({ subject: { pid } }) => {
  if (pid % 2 === 0) { ${otherwise} }
  else process.send({ places: [], reason: String(process.pid) });
});
process.on("disconnect", () => process.exit(0));
`;

async function outcomesOf(otherwise: string, pids: readonly number[]) {
  using folder = mkdtempDisposableSync(join(tmpdir(), "procview-attacher-"));
  const file = join(folder.path, "program.mjs");
  writeFileSync(file, program(otherwise));
  const attacher = new Attacher({ homePid: "self", visitMillis: 1000, program: file });
  const answers = await attacher.visitAll(pids.map(request));
  attacher.close();
  // One that was killed is gone soon after.
  for (let round = 0; round < 100 && attacher.stuck > 0; round += 1) await sleep(20);
  return {
    outcomes: answers.map(({ outcome }) => outcome),
    processes: new Set(answers.map(({ reason }) => reason).filter(Boolean)).size,
    stuck: attacher.stuck,
  };
}

const HANGS = "Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);";

describe("Attacher", () => {
  test("has one process for all", async () => {
    assert.deepEqual(await outcomesOf("", [1, 3, 5]), {
      outcomes: [undefined, undefined, undefined],
      processes: 1,
      stuck: 0,
    });
  });

  test("replaces a process that hangs, and goes on", async () => {
    assert.deepEqual(await outcomesOf(HANGS, [1, 2, 3]), {
      outcomes: [undefined, "timed-out", undefined],
      processes: 2,
      stuck: 0,
    });
  });

  test("gives up after two that hang", async () => {
    const { outcomes } = await outcomesOf(HANGS, [2, 4, 1, 6]);
    assert.deepEqual(outcomes, ["timed-out", "timed-out", "given-up", "given-up"]);
  });

  test("replaces a process that dies", async () => {
    assert.deepEqual(await outcomesOf("process.exit(1);", [1, 2, 3]), {
      outcomes: [undefined, "attacher-died", undefined],
      processes: 2,
      stuck: 0,
    });
  });
});
