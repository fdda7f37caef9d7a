// Every figure that the agent tells, moved by what it counts: real readers, real faults. Whatever happens, labels have the
// values that they began with.

import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { version } from "../../contract/version.ts";
import { agentMetrics, parseExposition } from "../../docs/metrics.ts";
import { AgentRoot, kill, type TestAgent } from "../mount/agents.ts";
import { type TestCgroup, TestCgroups } from "../mount/cgroups.ts";
import { lacks, nothingLeft, runProgram, SLOWNESS, skip, until } from "../mount/harness.ts";
import { startContainer, type TestContainer } from "../mount/test-container.ts";

const FLAGS = ["--freshness", "0"];
const LIMIT_MILLIS = 40_000 * SLOWNESS;
/** Files that nobody reads are closed after so long (host/kept-files.ts). */
const UNUSED_MILLIS = 3500;

describe("figures of the agent", { skip: skip || lacks("cc") || lacks("prlimit") }, () => {
  let root: AgentRoot;
  let agent: TestAgent;
  let cgroups: TestCgroups;
  let cgroup: TestCgroup;
  let container: TestContainer;

  before(async () => {
    root = new AgentRoot();
    agent = await root.start(FLAGS);
    cgroups = new TestCgroups();
    cgroup = cgroups.make(`${cgroups.root}/docker/${"b".repeat(64)}`, { memoryBytes: 64 * 2 ** 20 });
    container = await startContainer({ cgroup, mount: root.mountPoint, files: ["proc/meminfo", "proc/uptime"] });
  });

  after(async () => {
    await container?.[Symbol.asyncDispose]();
    await cgroups?.[Symbol.asyncDispose]();
    await root?.[Symbol.asyncDispose]();
    await nothingLeft();
  });

  const scrape = async (): Promise<string> => (await agent.ask("/metrics")).text;

  /** The value of a series, written as in PromQL. */
  async function value(series: string): Promise<number> {
    const text = await scrape();
    const line = text.split("\n").find((candidate) => candidate.startsWith(`${series} `));
    assert.ok(line !== undefined, `no ${series}`);
    return Number(line.slice(series.length + 1));
  }

  const becomes = (series: string, right: (found: number) => boolean): Promise<void> =>
    until(series, async () => right(await value(series)), LIMIT_MILLIS);

  /** What grows by what is done. */
  async function moves(series: readonly string[], work: () => unknown): Promise<void> {
    const before = await Promise.all(series.map(value));
    await work();
    for (const [index, name] of series.entries()) await becomes(name, (found) => found > (before[index] ?? 0));
  }

  test("requests and latency by file, and renders", async () => {
    await moves(
      [
        'procview_requests_total{file="proc/meminfo",operation="GETATTR"}',
        'procview_requests_total{file="proc/meminfo",operation="READ"}',
        'procview_request_seconds_count{file="proc/meminfo"}',
        'procview_request_seconds_sum{file="proc/meminfo"}',
        'procview_request_seconds_bucket{file="proc/meminfo",le="+Inf"}',
        'procview_renders_total{file="proc/meminfo"}',
      ],
      () => container.exec("cat /proc/meminfo >/dev/null"),
    );
  });

  test("errors by reason", async () => {
    const nothing = `ls ${root.mountPoint}/proc/nothing 2>/dev/null; true`;
    await moves(['procview_errors_total{reason="ENOENT"}'], () => container.look(nothing));
    assert.equal(await value('procview_errors_total{reason="EIO"}'), 0);
  });

  test("containers and their files by state, attached by result", async () => {
    await becomes('procview_attached_containers{state="own"}', (found) => found >= 1);
    await becomes('procview_attached_files{state="own"}', (found) => found >= 3);
    // What runtimes refuse to bind.
    await becomes('procview_attach_total{outcome="attached"}', (found) => found >= 1);
    assert.ok((await value("procview_containers")) >= 1);
    assert.ok((await value("procview_attach_round_seconds")) > 0);
    assert.equal(await value('procview_attached_files{state="stale"}'), 0);
  });

  test("a file that shows the host is replaced, and counted so", async () => {
    const bind = `mount --bind ${root.mountPoint}/proc/uptime /proc/uptime`;
    await moves(['procview_attach_total{outcome="replaced"}'], () => container.look(bind));
    await becomes('procview_attached_files{state="host"}', (found) => found === 0);
  });

  test("control files of cgroups that cannot be read: a socket is in the place of one", async () => {
    const folder = mkdtempSync(join(tmpdir(), "procview-socket-"));
    const socket = createServer().listen(join(folder, "socket"));
    await once(socket, "listening");
    const file = cgroup.directories.map((directory) => join(directory, "memory.stat")).find(existsSync) ?? "";
    await readAnew();
    assert.equal(runProgram("mount", ["--bind", join(folder, "socket"), file]).status, 0);
    await moves(["procview_cgroup_reads_failed_total", "procview_stale_renders_total"], readMeminfo);
    assert.equal(runProgram("umount", [file]).status, 0);
    socket.close();
    rmSync(folder, { recursive: true });
  });

  test("files of the host that cannot be read: no descriptors are left", async () => {
    const server = root.server(agent);
    const limits = (soft: string) => runProgram("prlimit", [`--pid=${server}`, `--nofile=${soft}:`]);
    const soft = runProgram("prlimit", [`--pid=${server}`, "--nofile", "--output=SOFT", "--noheadings"]).stdout.trim();
    await readAnew();
    assert.equal(limits("3").status, 0);
    await moves(["procview_host_reads_failed_total", "procview_stale_renders_total"], readMeminfo);
    assert.equal(limits(soft).status, 0);
  });

  test("stalls, and servers that died", async () => {
    await moves(['procview_server_restarts_total{reason="died"}', "procview_stall_seconds_total"], () =>
      kill(root.server(agent)),
    );
    await becomes("procview_serving", (found) => found === 1);
  });

  test("a keeper that ends", async () => {
    await becomes("procview_keeper_up", (found) => found === 1);
    await moves(["procview_keeper_losses_total"], () => kill(root.keeperPids()[0] as number));
    await becomes("procview_keeper_up", (found) => found === 1);
  });

  test("sessions taken over", async () => {
    await endAgent();
    agent = await root.start(FLAGS);
    assert.equal(await value("procview_session_takeovers_total"), 1);
  });

  test("stale files found: the session is lost", async () => {
    const [server, keepers] = [root.server(agent), root.keeperPids()];
    kill(agent.pid, "SIGSTOP");
    for (const pid of [...keepers, server]) kill(pid);
    await endAgent();
    agent = await root.start(FLAGS);
    await becomes("procview_stale_mounts_found_total", (found) => found >= 2);
    await becomes('procview_attach_total{outcome="reattached"}', (found) => found >= 2);
    await becomes('procview_attached_files{state="stale"}', (found) => found === 0);
  });

  test("readiness and its probe, also where nobody asks for it but a scrape", async () => {
    await becomes("procview_ready", (found) => found === 1);
    assert.ok((await value("procview_probe_seconds")) > 0);
  });

  test("cache hits: numbers that are fresh", async () => {
    await endAgent();
    agent = await root.start(["--freshness", "10s"]);
    const file = join(root.mountPoint, "host/proc/meminfo");
    // The kernel asks each time, though what it was told is valid.
    const ask = (): void => assert.equal(runProgram("stat", ["--cached=never", file]).status, 0);
    ask();
    await moves(['procview_cache_hits_total{file="proc/meminfo"}'], ask);
  });

  test("processes and the build", async () => {
    assert.equal(
      await value(`procview_build_info{component="agent",version="${version}",nodejs="${process.version}"}`),
      1,
    );
    for (const name of [
      "procview_agent_process_cpu_seconds_total",
      "procview_agent_process_resident_memory_bytes",
      "procview_agent_process_open_fds",
      "procview_server_cpu_seconds_total",
      "procview_server_resident_bytes",
    ]) {
      await becomes(name, (found) => found > 0);
    }
  });

  test("labels have the values that they began with, after all of that", async () => {
    const declared = new Map((await agentMetrics()).map(({ name, labels }) => [name, labels]));
    const told = parseExposition(await scrape()).filter(({ name }) => !/^procview_agent_(process|nodejs)_/.test(name));
    assert.ok(told.length > 25);
    for (const { name, labels } of told) assert.deepEqual(labels, declared.get(name), name);
  });

  function readMeminfo(): void {
    container.exec("cat /proc/meminfo >/dev/null");
  }

  /** What is read next is opened before that. */
  async function readAnew(): Promise<void> {
    readMeminfo();
    await sleep(UNUSED_MILLIS);
  }

  async function endAgent(): Promise<void> {
    kill(agent.pid);
    await once(agent.process, "exit");
  }
});
