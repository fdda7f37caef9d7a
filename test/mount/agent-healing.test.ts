// The healer as an agent runs it: files of containers made by runc are mended without anybody asking, and counted;
// --no-heal leaves them.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, describe, test } from "node:test";
import { AgentRoot, kill, said, type TestAgent } from "./agents.ts";
import { lacks, nothingLeft, runProgram, SLOWNESS, skip, until } from "./harness.ts";
import { limitBytes, memTotal, READ } from "./limit-numbers.ts";
import { type RuncContainer, runcContainer } from "./runc-container.ts";

after(nothingLeft);

const LIMIT_MILLIS = 2000;
/** For machines that do other things meanwhile; what was measured is printed. */
const ALLOWANCE = 4;

const pidOf = ({ id }: RuncContainer): number =>
  (JSON.parse(runProgram("runc", ["state", id]).stdout) as { pid: number }).pid;

/** What is seen with the container's mounts alone: runc itself would walk to them from inside its cgroup. */
const look = (container: RuncContainer, script = READ): string =>
  runProgram("nsenter", [`--target=${pidOf(container)}`, "--mount", "sh", "-c", `{ ${script}; } 2>&1`]).stdout;

const BIND_AS_HOST = new URL("./programs/bind-as-host.ts", import.meta.url).pathname;

const bindHosts = (container: RuncContainer, { mountPoint }: AgentRoot): void => {
  const source = `${mountPoint}/proc/meminfo`;
  const args = ["--no-warnings", BIND_AS_HOST, source, String(pidOf(container)), "/proc/meminfo"];
  const { status, stderr } = runProgram(process.execPath, args);
  assert.equal(status, 0, stderr);
};

/** A container's mounts are its own, so that none of them is told. A mount of the host is. */
function changeMounts({ directory }: AgentRoot): void {
  runProgram("mount", ["-t", "tmpfs", "none", directory]);
  runProgram("umount", [directory]);
}

/** A machine that does other things meanwhile is not taken for a server that hangs. */
const PATIENT = ["--hang-timeout", `${10 * SLOWNESS}s`];

async function counted(agent: TestAgent, outcome: string): Promise<number> {
  const { text } = await agent.ask("/metrics");
  return Number(new RegExp(`procview_attach_total\\{outcome="${outcome}"\\} (\\d+)`).exec(text)?.[1] ?? 0);
}

async function took(what: string, condition: () => boolean): Promise<number> {
  const begin = performance.now();
  await until(what, condition);
  return Math.round(performance.now() - begin);
}

describe("an agent that heals", { skip: skip || lacks("runc") || lacks("cc") }, () => {
  test("adds missing files, mends those of a lost session within two seconds, and counts", async (context) => {
    await using root = new AgentRoot();
    const agent = await root.start(PATIENT);
    using container = runcContainer(root.mountPoint, ["proc/meminfo"], { memoryBytes: limitBytes(1) });
    const own = memTotal(limitBytes(1));
    await until("it shows itself", () => look(container) === own);
    // What runc refuses is missing until the agent adds it.
    changeMounts(root);
    const partitions = await took("partitions are there", () => mountedIn(container).includes("/proc/partitions"));
    assert.ok((await counted(agent, "attached")) > 0);
    context.diagnostic(`missing files added ${partitions} ms after a mount of the host`);
    // The session is lost with everybody who holds it; the next agent begins another.
    const device = root.device();
    const server = root.server(agent);
    for (const pid of [...root.keeperPids(), agent.pid, server]) kill(pid);
    await until("nobody answers", () => /not connected/.test(look(container)));
    const next = await root.start(PATIENT);
    assert.notEqual(root.device(), device);
    const healed = await took("the container shows itself again", () => look(container) === own);
    context.diagnostic(`healed ${healed} ms after the next agent served`);
    assert.ok(healed < LIMIT_MILLIS * ALLOWANCE * SLOWNESS, `${healed} ms`);
    await until("that is counted", async () => (await counted(next, "reattached")) > 0);
    assert.match((await next.ask("/metrics")).text, /procview_stale_mounts_found_total [1-9]/);
  });

  test("replaces the host's inode", async (context) => {
    await using root = new AgentRoot();
    const agent = await root.start(PATIENT);
    using container = runcContainer(root.mountPoint, ["proc/meminfo"], { memoryBytes: limitBytes(2) });
    const own = memTotal(limitBytes(2));
    await until("it shows itself", () => look(container) === own);
    bindHosts(container, root);
    changeMounts(root);
    const healed = await took("the container shows itself again", () => look(container) === own);
    context.diagnostic(`replaced ${healed} ms after a mount of the host`);
    assert.ok(healed < LIMIT_MILLIS * ALLOWANCE * SLOWNESS, `${healed} ms`);
    await until("that is counted", async () => (await counted(agent, "replaced")) > 0);
  });

  test("--no-heal leaves all as it is", async () => {
    await using root = new AgentRoot();
    const agent = await root.start(["--no-heal", ...PATIENT]);
    using container = runcContainer(root.mountPoint, ["proc/meminfo"], { memoryBytes: limitBytes(3) });
    assert.equal(look(container), memTotal(limitBytes(3)));
    const before = mountedIn(container);
    bindHosts(container, root);
    changeMounts(root);
    await new Promise((resolve) => setTimeout(resolve, LIMIT_MILLIS));
    assert.notEqual(look(container), memTotal(limitBytes(3)));
    assert.deepEqual(mountedIn(container), before);
    assert.doesNotMatch((await agent.ask("/metrics")).text, /procview_attach_total/);
    assert.ok(!said(agent, "a container's files are not as they should be"));
  });
});

function mountedIn(container: RuncContainer): string[] {
  return readFileSync(`/proc/${pidOf(container)}/mountinfo`, "utf8")
    .split("\n")
    .flatMap((line) => line.split(" ")[4] ?? [])
    .filter((target) => /^\/(proc|sys)\//.test(target))
    .sort();
}
