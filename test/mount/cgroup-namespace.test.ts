// An agent in a cgroup namespace of its own, as some runtimes give even a privileged container.

import assert from "node:assert/strict";
import { readlinkSync } from "node:fs";
import { after, test } from "node:test";
import { AgentRoot } from "./agents.ts";
import { TestCgroups } from "./cgroups.ts";
import { lacks, nothingLeft, skip } from "./harness.ts";

after(nothingLeft);

const cannot = skip || lacks("unshare") || lacks("cc");
const namespaceOf = (pid: number) => readlinkSync(`/proc/${pid}/ns/cgroup`);

/** The namespaces of an agent that is started in one of its own, and of the process that answers for it. */
async function namespacesOfAgent(flags: readonly string[]): Promise<string[]> {
  await using cgroups = new TestCgroups();
  await using root = new AgentRoot(["unshare", "--cgroup"]);
  const agent = await root.start(flags, cgroups.make(`${cgroups.root}/pod`));
  return [agent.pid, root.server(agent)].map(namespaceOf);
}

test("with the host's mount namespace it enters the host's cgroup namespace", { skip: cannot }, async () => {
  const host = namespaceOf(process.pid);
  const found = await namespacesOfAgent(["--host-mount-namespace", `/proc/${process.pid}/ns/mnt`]);
  assert.deepEqual(found, [host, host]);
});

test("without it, it stays where it is", { skip: cannot }, async () => {
  const [agent, server] = await namespacesOfAgent([]);
  assert.notEqual(agent, namespaceOf(process.pid));
  assert.equal(server, agent);
});
