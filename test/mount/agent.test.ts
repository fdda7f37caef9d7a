// `procview agent` on the running kernel: health, metrics, configuration, its keeper, and what becomes of readers when
// nobody comes back.

import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { identityOf } from "../../node-agent/linux/pidfd.ts";
import { ALIVE_INTERVAL_MILLIS } from "../../node-agent/session/messages.ts";
import { requireAllRight } from "../readings.ts";
import { AgentRoot, cgroupsOf, KEEPER_CGROUP, kill, residentKib, said } from "./agents.ts";
import { TestCgroups } from "./cgroups.ts";
import { STALL_MILLIS, settle } from "./faults.ts";
import { lacks, nothingLeft, procview, readThrough, runProgram, SLOWNESS, skip, until } from "./harness.ts";
import { SteadyReaders } from "./steady-readers.ts";

after(nothingLeft);

const cannot = skip || lacks("cc");

describe("health and metrics", { skip: cannot }, () => {
  test("are answered; what readers do is counted, by file, across the death of the server", async () => {
    await using root = new AgentRoot();
    const agent = await root.start();
    assert.deepEqual(await agent.ask("/healthz"), { status: 200, text: "ok\n" });
    assert.deepEqual(await agent.ask("/readyz"), { status: 200, text: "ok\n" });
    assert.equal((await agent.ask("/nothing")).status, 404);
    for (let n = 0; n < 5; n += 1) readThrough(join(root.mountPoint, "proc/meminfo"));
    // Each walk asks where the link leads; the names behind it are known by then.
    const walks = async (): Promise<number> =>
      sample((await agent.ask("/metrics")).text, 'procview_requests_total{file="directory",operation="READLINK"}');
    assert.ok((await walks()) >= 5);
    const before = root.server(agent);
    kill(before);
    await until("another serves", () => said(agent, "file-system process replaced"));
    for (let n = 0; n < 5; n += 1) readThrough(join(root.mountPoint, "proc/meminfo"));
    assert.ok((await walks()) >= 10);
    const { text } = await agent.ask("/metrics");
    assert.equal(sample(text, 'procview_server_restarts_total{reason="died"}'), 1);
    assert.ok(sample(text, "procview_stall_seconds_total") > 0);
    assert.equal(sample(text, "procview_keeper_up"), 1);
    assert.ok(sample(text, 'procview_renders_total{file="proc/meminfo"}') >= 1);
    assert.ok(sample(text, 'procview_request_seconds_count{file="proc/meminfo"}') >= 2);
    assert.ok(text.split("\n").filter((line) => !line.startsWith("#")).length < 1000, "labels are bounded");
  });

  test("a server that hangs before it serves is replaced too", async () => {
    await using root = new AgentRoot();
    const agent = await root.start(["--hang-timeout", "400ms"]);
    const before = root.server(agent);
    kill(before);
    await until("the next one starts", () => root.servers().some((pid) => pid !== before));
    kill(root.server(agent), "SIGSTOP");
    await until("it is given up", () => said(agent, "file-system process gives no sign of life, killing it"));
    await until("another serves", () => said(agent, "file-system process replaced"));
    assert.match(readThrough(join(root.mountPoint, "proc/uptime")), /^\d/);
    const { text } = await agent.ask("/metrics");
    assert.equal(sample(text, 'procview_server_restarts_total{reason="hung"}'), 1);
  });

  test("a server whose agent was killed serves on, though it was about to tell it something", async () => {
    await using root = new AgentRoot();
    const agent = await root.start();
    const server = root.server(agent);
    // Its timers are due when it goes on: it tells that it is alive before it notices that nobody listens.
    kill(server, "SIGSTOP");
    await sleep(2 * ALIVE_INTERVAL_MILLIS);
    kill(agent.pid);
    await once(agent.process, "exit");
    kill(server, "SIGCONT");
    for (const end = performance.now() + 1000 * SLOWNESS; performance.now() < end; await sleep(ALIVE_INTERVAL_MILLIS)) {
      assert.match(readThrough(join(root.mountPoint, "proc/uptime")), /^\d/);
    }
    assert.deepEqual(root.servers(), [server]);
  });

  test("/readyz tells of a mount that does not answer, within its time limit", async () => {
    await using root = new AgentRoot();
    const agent = await root.start(["--probe-timeout", "500ms", "--hang-timeout", "60s"]);
    const server = root.server(agent);
    kill(server, "SIGSTOP");
    const { status, text } = await agent.ask("/readyz");
    kill(server, "SIGCONT");
    assert.equal(status, 503);
    assert.match(text, /does not answer: no answer within 500 ms/);
    await sleep(1100);
    assert.equal((await agent.ask("/readyz")).status, 200);
  });
});

describe("configuration", { skip: cannot }, () => {
  test("a flag wins over the environment, that over the file", async () => {
    await using root = new AgentRoot();
    const file = join(root.directory, "agent.yaml");
    writeFileSync(file, "workers: 3\nfreshness: 1s\nfiles: [meminfo, uptime]\nswap: false\ngrace: 5s\n");
    const env = { PROCVIEW_WORKERS: "4", PROCVIEW_FRESHNESS: "2s", PROCVIEW_LOG_LEVEL: "debug" };
    const agent = await root.start(["--config", file, "--freshness", "3s"], undefined, env);
    const line = readFileSync(`/proc/${root.server(agent)}/cmdline`, "latin1");
    assert.match(
      line,
      /"workers":4,"files":\["proc\/meminfo","proc\/uptime"\],"freshnessMillis":3000,"view":\{"swap":false/,
    );
  });
  test("a key that is no option is refused with what there is", async () => {
    await using root = new AgentRoot();
    const file = join(root.directory, "agent.json");
    writeFileSync(file, '{"rooot": 1}');
    const { status, stderr } = procview("agent", "--config", file);
    assert.equal(status, 101);
    assert.match(stderr, /sets "rooot"; there are root, listen, /);
  });
});

describe("the keeper", { skip: cannot }, () => {
  test("takes no more than 2 MiB, in cgroups of its own", async () => {
    await using root = new AgentRoot();
    const agent = await root.start();
    const [pid] = root.keeperPids();
    assert.ok(pid !== undefined);
    console.log(`keeper: ${residentKib(pid)} KiB resident`);
    assert.ok(residentKib(pid) <= 2048);
    assert.match(cgroupsOf(pid), new RegExp(KEEPER_CGROUP));
    assert.doesNotMatch(cgroupsOf(agent.pid), new RegExp(KEEPER_CGROUP));
  });

  test("that is killed is replaced, and the next agent finds its successor", async () => {
    await using root = new AgentRoot();
    const agent = await root.start();
    const device = root.device();
    kill(root.keeperPids()[0] as number);
    await until(
      "another keeper",
      async () =>
        sample((await agent.ask("/metrics")).text, "procview_keeper_up") === 1 && root.keeperPids().length === 1,
    );
    kill(agent.pid);
    await once(agent.process, "exit");
    await root.start();
    assert.equal(root.device(), device);
  });

  test("serves nobody but root", async () => {
    await using root = new AgentRoot();
    await root.start();
    const script = `import socket,sys
s=socket.socket(socket.AF_UNIX); s.connect(sys.argv[1])
try: s.send(b"take\\n"); print(len(s.recv(100)) > 0)
except OSError: print(False)`;
    const socket = join(root.directory, "run/keeper.sock");
    runProgram("chmod", ["-R", "a+rwX", root.directory.concat("/run")]);
    runProgram("chmod", ["a+x", root.directory]);
    const asNobody = [
      "--reuid",
      "65534",
      "--regid",
      "65534",
      "--clear-groups",
      "/usr/bin/python3",
      "-c",
      script,
      socket,
    ];
    const refused = runProgram("setpriv", asNobody);
    assert.equal(refused.stdout, "False\n", refused.stderr);
    assert.equal(runProgram("python3", ["-c", script, socket]).stdout, "True\n");
  });

  for (const flags of [[], ["--no-resend"]]) {
    test(`gives readers the host's files when nobody comes back, and goes with the last of them ${flags}`, async () => {
      await using cgroups = new TestCgroups();
      await using root = new AgentRoot();
      const agent = await root.start(["--grace", "1s", ...flags]);
      await using readers = new SteadyReaders(cgroups);
      await readers.start(3, root.mountPoint, "b", "host");
      await settle();
      const server = root.server(agent);
      kill(agent.pid);
      kill(server);
      await until("the keeper gives up", async () => (await root.keeperStatus())["answering"] === 1);
      assert.equal(root.device(), undefined, "the mount point is detached");
      await readers.progress();
      await sleep(2000);
      await readers.progress();
      const readings = await readers.end();
      requireAllRight("host files", readings);
      assert.ok(readings.longestMillis <= STALL_MILLIS * SLOWNESS, `${readings.longestMillis} ms`);
      await until("the keeper has gone", () => root.keeperPids().length === 0);
    });
  }

  test("that answers with the host's files gives the session to an agent that comes late", async () => {
    await using cgroups = new TestCgroups();
    await using root = new AgentRoot();
    const agent = await root.start(["--grace", "1s"]);
    const device = root.device();
    await using readers = new SteadyReaders(cgroups);
    await readers.start(2, root.mountPoint, "c", "host");
    const server = root.server(agent);
    kill(agent.pid);
    kill(server);
    await until("the keeper answers", () => root.device() === undefined);
    await sleep(500);
    await root.start(["--grace", "1s"]);
    assert.equal(root.device(), device, "the same file system, mounted again");
    await sleep(500);
    const { failed, wrong, said: log } = await readers.end();
    assert.deepEqual({ failed, wrong }, { failed: 0, wrong: 0 }, log);
  });
});

describe("ends", { skip: cannot }, () => {
  test("SIGTERM drains and leaves the mount, --unmount-on-exit takes it along", async () => {
    await using root = new AgentRoot();
    const agent = await root.start();
    const device = root.device();
    kill(agent.pid, "SIGTERM");
    assert.deepEqual(await once(agent.process, "exit"), [0, null], agent.log());
    assert.equal(root.device(), device);
    const next = await root.start(["--unmount-on-exit"]);
    assert.equal(root.device(), device);
    kill(next.pid, "SIGTERM");
    assert.deepEqual(await once(next.process, "exit"), [0, null], next.log());
    assert.equal(root.device(), undefined);
    await until("the keeper has gone", () => root.keeperPids().length === 0);
  });

  test("two agents at once: one serves, the other waits; both are ready, since readers are answered", async () => {
    await using root = new AgentRoot();
    const first = await root.start();
    const server = identityOf(root.server(first));
    const second = root.launch([]);
    await until("it waits", () => second.log().includes("another agent serves"));
    assert.equal((await second.ask("/healthz")).status, 200);
    assert.equal((await second.ask("/readyz")).status, 200);
    kill(first.pid, "SIGTERM");
    await once(first.process, "exit");
    assert.ok(server !== undefined);
    assert.equal(identityOf(server.pid), undefined, "the deletion of its pod would have ended the server before");
    await root.serves(second);
    assert.equal((await second.ask("/readyz")).status, 200);
  });
});

function sample(text: string, name: string): number {
  const line = text.split("\n").find((candidate) => candidate.startsWith(`${name} `));
  return Number(line?.slice(name.length + 1) ?? Number.NaN);
}
