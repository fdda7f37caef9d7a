// An agent before a real API server: labels of pods that run attach and detach, Events say so, the watch lives through a
// restart of the server, the startup taint goes, and an uninstalled node is clean.

import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { agentPaths } from "../../node-agent/agent/agent-options.ts";
import { keeperCgroups } from "../../node-agent/agent/keeper-cgroups.ts";
import { parseMountinfo } from "../../node-agent/procfs/mountinfo.ts";
import { mountSource } from "../../node-agent/session/mount-names.ts";
import { AgentRoot, KEEPER_CGROUP, residentKib, type TestAgent } from "../mount/agents.ts";
import { TestCgroups } from "../mount/cgroups.ts";
import { nothingLeft, PROGRAM, procview, SLOWNESS, until } from "../mount/harness.ts";
import { memTotal, READ } from "../mount/limit-numbers.ts";
import { ApiServer, skip } from "./api-server.ts";
import { NODE, type PodOptions, type StartedPod, setStatus, startPod, statusAnnotation } from "./kubelet-stand-in.ts";
import {
  AGENT_POD,
  AGENTS,
  agentPod,
  agentRights,
  daemonSet,
  namespace,
  node,
  READY_STATUS,
  TAINT,
} from "./objects.ts";

const PORT = 9464;
const LIMIT_MILLIS = 2000;
/** For machines that do other things meanwhile; what was measured is printed. */
const ALLOWANCE = 2;
const OPTED = { "procview.io/inject": "enabled" };

after(nothingLeft);

describe("an agent in a cluster", { skip }, () => {
  const scope = new AsyncDisposableStack();
  let server: ApiServer;
  let root: AgentRoot;
  let cgroups: TestCgroups;
  let agent: TestAgent;

  before(async () => {
    server = scope.use(await ApiServer.start());
    server.apply(namespace(AGENTS), namespace("shop", OPTED), namespace("plain"));
    server.apply(...agentRights(), node(), daemonSet(), agentPod(AGENT_POD, NODE));
    setStatus(server, { name: AGENT_POD, namespace: AGENTS }, READY_STATUS);
    root = scope.use(new AgentRoot(server.inside([]).flat()));
    cgroups = scope.use(new TestCgroups());
    agent = await startAgent();
  });

  after(async () => await scope.disposeAsync());

  function startAgent(): Promise<TestAgent> {
    const account = server.serviceAccount(AGENTS, "procview-agent");
    const self = ["--node-name", NODE, "--pod-name", AGENT_POD, "--pod-namespace", AGENTS];
    const flags = ["--kubernetes", ...self, "--service-account", account, "--startup-taint", TAINT];
    return root.start([...flags, "--listen", `0.0.0.0:${PORT}`], undefined, server.environment);
  }

  const pod = (options: Omit<PodOptions, "mount">): Promise<StartedPod> =>
    startPod(server, cgroups, { ...options, mount: root.mountPoint });
  const shows = (started: StartedPod, name = "app"): boolean =>
    started.container(name).look(`${READ} 2>&1`) === memTotal(started.limitBytes(name));
  const label = (name: string, inNamespace: string, value: string): void =>
    void server.kubectl(["label", "pod", name, "-n", inNamespace, value, "--overwrite"]);
  const targetsOf = (started: StartedPod, name = "app"): string[] =>
    parseMountinfo(readFileSync(`/proc/${started.container(name).pid}/mountinfo`, "utf8"))
      .filter(({ source }) => source === mountSource(root.mountPoint))
      .map(({ mountPoint }) => mountPoint)
      .filter((target) => !target.startsWith(root.directory));
  const eventsOf = (name: string, inNamespace: string) =>
    server.get<{ items: { reason: string; message: string; type: string }[] }>(
      ...["events", "-n", inNamespace, "--field-selector", `involvedObject.name=${name}`],
    ).items;
  const metric = async (name: string): Promise<number> => {
    const { text } = await agent.ask("/metrics");
    return Number(
      text
        .split("\n")
        .find((line) => line.startsWith(`${name} `))
        ?.split(" ")
        .at(-1) ?? 0,
    );
  };
  /** Milliseconds until it holds. */
  const took = async (what: string, condition: () => boolean): Promise<number> => {
    const begin = performance.now();
    await until(what, condition);
    return Math.round(performance.now() - begin);
  };

  test("a label put on a running pod attaches all files to all its containers; removed, they go", async (context) => {
    await using web = await pod({ name: "web-0", namespace: "plain", containers: ["app", "sidecar"] });
    await using other = await pod({ name: "web-1", namespace: "plain" });
    await new Promise((resolve) => setTimeout(resolve, 500));
    assert.deepEqual([targetsOf(web), targetsOf(other)], [[], []]);
    const times: number[] = [];
    for (let round = 0; round < 3; round += 1) {
      label("web-0", "plain", "procview.io/inject=enabled");
      times.push(await took("both containers show themselves", () => shows(web) && shows(web, "sidecar")));
      label("web-0", "plain", round % 2 === 0 ? "procview.io/inject-" : "procview.io/inject=disabled");
      times.push(
        await took("nothing is left in them", () => [...targetsOf(web), ...targetsOf(web, "sidecar")].length === 0),
      );
    }
    context.diagnostic(`attached and detached in ${times.join(", ")} ms; agent ${residentKib(agent.pid)} KiB resident`);
    for (const millis of times) assert.ok(millis < LIMIT_MILLIS * ALLOWANCE * SLOWNESS, `${millis} ms`);
    assert.deepEqual(targetsOf(other), []);
    await until("its Events are there", () => eventsOf("web-0", "plain").length >= 2);
    const described = server.kubectl(["describe", "pod", "web-0", "-n", "plain"]);
    assert.match(described, /Normal +ProcviewAttached .*procview-agent +Attached cpu, cpuinfo.*\(app, sidecar\)/);
    assert.match(described, /Normal +ProcviewDetached /);
  });

  test("annotations count: files, excluded containers; status names pod and container", async () => {
    const annotations = { "procview.io/files": "meminfo,uptime", "procview.io/exclude-containers": "sidecar" };
    await using web = await pod({
      ...{ name: "choosy", namespace: "plain", labels: OPTED, annotations },
      containers: ["app", "sidecar"],
    });
    await until("the container shows itself", () => shows(web));
    assert.deepEqual(targetsOf(web).sort(), ["/proc/meminfo", "/proc/uptime"]);
    assert.deepEqual(targetsOf(web, "sidecar"), []);
    // Names are written when pods have stopped changing for a moment.
    const status = (): string => procview("status", "--root", root.directory).stdout;
    await until("status names it", () => /plain\/choosy\/app .* own: meminfo uptime/.test(status()));
    server.kubectl(["annotate", "pod", "choosy", "-n", "plain", "procview.io/files=meminfo", "--overwrite"]);
    await until("one of them goes", () => targetsOf(web).join() === "/proc/meminfo");
  });

  test("procview.io/cpu-view counts from the first read, and as it changes", async () => {
    const online = readFileSync("/sys/devices/system/cpu/online", "utf8");
    const annotations = { "procview.io/cpu-view": "host" };
    await using web = await pod({ name: "all-cpus", namespace: "plain", labels: OPTED, annotations, cpus: 1 });
    await until("it shows itself", () => shows(web));
    const seen = () => web.container("app").look("cat /sys/devices/system/cpu/online");
    assert.equal(seen(), online);
    server.kubectl(["annotate", "pod", "all-cpus", "-n", "plain", "procview.io/cpu-view-"]);
    await until("its quota counts", () => seen() === "0\n");
  });

  test("a label of the namespace is for new pods: of those that run, for what the webhook or the mode leaves to the agent", async () => {
    await using ran = await pod({ name: "ran-before", namespace: "shop" });
    await using left = await pod({ name: "left", namespace: "shop", annotations: statusAnnotation("attach") });
    await using asks = await pod({ name: "asks", namespace: "shop", annotations: { "procview.io/mode": "attach" } });
    await using mounted = await pod({
      ...{ name: "mounted", namespace: "shop", annotations: statusAnnotation("mount") },
      bound: ["proc/meminfo"],
    });
    for (const one of [left, asks, mounted]) await until("it shows itself", () => shows(one));
    await until("what runc refuses is added", () => targetsOf(mounted).includes("/proc/vmstat"));
    assert.deepEqual(targetsOf(ran), []);
    label("asks", "shop", "procview.io/inject=disabled");
    await until("its own word counts first", () => targetsOf(asks).length === 0);
    server.apply(namespace("late"));
    await using late = await pod({ name: "asks", namespace: "late", annotations: { "procview.io/mode": "attach" } });
    assert.deepEqual(targetsOf(late), []);
    server.kubectl(["label", "namespace", "late", "procview.io/inject=enabled"]);
    await until("the namespace's label counts", () => shows(late));
  });

  test("what cannot be attached is an Event: an own mount, and a pod that is left alone", async () => {
    await using own = await pod({ name: "own", namespace: "plain", annotations: { "procview.io/files": "meminfo" } });
    own.container("app").exec("mount --bind /dev/null /proc/meminfo");
    label("own", "plain", "procview.io/inject=enabled");
    await until("it is told", () => eventsOf("own", "plain").some(({ type }) => type === "Warning"));
    const [event] = eventsOf("own", "plain");
    assert.deepEqual(
      [event?.reason, event?.message],
      ["ProcviewNotAttached", "Could not attach: own-mount: meminfo (app)"],
    );
    await using spy = await pod({ name: "spy", namespace: "plain", labels: OPTED, spec: { hostPID: true } });
    await until("it is told", () => eventsOf("spy", "plain").length > 0);
    assert.match(eventsOf("spy", "plain")[0]?.message ?? "", /^Not injected: It shares the process ids/);
    assert.deepEqual(targetsOf(spy), []);
  });

  test("kubectl procview: status of nodes, a pod, and why not", async () => {
    await using seen = await pod({ name: "seen", namespace: "plain", labels: OPTED });
    await using unseen = await pod({ name: "unseen", namespace: "shop" });
    await until("it shows itself", () => shows(seen));
    assert.deepEqual(targetsOf(unseen), []);
    const plugin = (...args: string[]): string => {
      const command = [process.execPath, PROGRAM, "kubectl", ...args, "--kubeconfig", server.kubeconfig];
      const { status, stdout, stderr } = server.run(command);
      assert.equal(status, 0, `${args.join(" ")}: ${stderr}`);
      return stdout;
    };
    assert.match(plugin("status"), new RegExp(`^${NODE} +${AGENTS}/${AGENT_POD} +yes +\\d+ +own \\d+`, "m"));
    assert.match(
      plugin("pod", "plain/seen"),
      /^plain\/seen: mount; a label of the pod itself[\s\S]*\n {2}app {3}own: .*meminfo/,
    );
    assert.match(
      plugin("why", "unseen", "-n", "shop"),
      /^shop\/unseen: not injected: its namespace opts in, but the webhook/,
    );
    assert.match(plugin("why", AGENT_POD, "-n", AGENTS), /not injected: Neither the pod nor its namespace asks for it/);
    const { status, stderr } = server.run([
      ...[process.execPath, PROGRAM, "kubectl", "pod", "plain/nobody", "--kubeconfig", server.kubeconfig],
    ]);
    assert.equal(status, 115);
    assert.match(stderr, /pod plain\/nobody: 404 pods "nobody" not found/);
  });

  test("the startup taint is gone, another's is not", async () => {
    const taints = () => server.get<{ spec: { taints?: { key: string }[] } }>("node", NODE).spec.taints ?? [];
    await until("it is gone", () => taints().every(({ key }) => key !== TAINT));
    assert.deepEqual(
      taints().map(({ key }) => key),
      ["example.org/mine"],
    );
    await until("that is counted", async () => (await metric("procview_startup_taint_removed")) === 1);
  });

  test("the API server restarts, its memory of changes with it: the watch goes on, and counts", async () => {
    await using web = await pod({ name: "restart", namespace: "plain" });
    const [failed, expired] = ["failed", "expired"].map((reason) => `{resource="pods",reason="${reason}"}`);
    const before = await metric(`procview_watch_restarts_total${expired}`);
    for (let n = 0; n < 5; n += 1) server.kubectl(["create", "configmap", `change-${n}`, "-n", "plain"]);
    await server.stopServing();
    await until("it is noticed", async () => (await metric('procview_watch_up{resource="pods"}')) === 0);
    await until("and counted", async () => (await metric(`procview_watch_restarts_total${failed}`)) > 0);
    await server.serve();
    await until(
      "it is followed again",
      async () => (await metric('procview_watch_up{resource="pods"}')) === 1,
      60_000 * SLOWNESS,
    );
    label("restart", "plain", "procview.io/inject=enabled");
    await until("the label counts", () => shows(web), 60_000 * SLOWNESS);
    assert.ok((await metric(`procview_watch_restarts_total${expired}`)) > before);
    assert.equal(await metric('procview_watch_up{resource="pods"}'), 1);
    assert.ok((await metric("procview_pods")) > 0);
    assert.ok((await metric('procview_events_total{result="written"}')) > 0);
  });

  test("uninstall: containers have the host's files, nothing of ours is left, and the agent idles", async () => {
    const uninstall = (...flags: string[]) =>
      server.run([
        ...[process.execPath, PROGRAM, "uninstall", "--kubeconfig", server.kubeconfig, "--namespace", AGENTS],
        ...["--daemonset", "procview-agent", ...flags],
      ]);
    await using web = await pod({ name: "stays", namespace: "plain", labels: OPTED });
    await using mounted = await pod({
      ...{ name: "stays-mounted", namespace: "shop", annotations: statusAnnotation("mount") },
      bound: ["proc/meminfo"],
    });
    for (const one of [web, mounted]) await until("it shows itself", () => shows(one));
    // An agent whose node is gone does not answer.
    server.apply(agentPod("agent-2", "node-that-is-gone"));
    const partly = uninstall("--timeout", "10s");
    assert.equal(partly.status, 114, partly.stdout + partly.stderr);
    assert.match(partly.stdout, new RegExp(`^${NODE} ${AGENT_POD}: done$`, "m"));
    assert.match(partly.stderr, /1 of 2 nodes are not clean: node-that-is-gone \(no answer\)/);
    const host = memTotalOfHost();
    for (const one of [web, mounted]) {
      assert.deepEqual(targetsOf(one), []);
      assert.equal(one.container("app").look(READ), host);
    }
    assert.equal(root.device(), undefined);
    assert.deepEqual(root.keeperPids(), []);
    for (const cgroup of keeperCgroups(KEEPER_CGROUP)) assert.ok(!existsSync(cgroup), cgroup);
    assert.ok(!existsSync(agentPaths(root.directory).run));
    assert.ok(!existsSync(root.directory));
    // It lives, says that it is not ready, and attaches nothing any more.
    assert.equal((await agent.ask("/healthz")).status, 200);
    assert.match((await agent.ask("/readyz")).text, /^cleaned/);
    label("stays", "plain", "procview.io/inject-");
    label("stays", "plain", "procview.io/inject=enabled");
    await new Promise((resolve) => setTimeout(resolve, 1000));
    assert.deepEqual(targetsOf(web), []);
    server.kubectl(["delete", "pod", "agent-2", "-n", AGENTS, "--force", "--grace-period=0"]);
    const again = uninstall();
    assert.equal(again.status, 0, again.stdout + again.stderr);
    assert.match(again.stdout, /1 nodes are clean/);
    const none = server.run([
      ...[process.execPath, PROGRAM, "uninstall", "--kubeconfig", server.kubeconfig],
      ...["--namespace", AGENTS, "--daemonset", "nobody"],
    ]);
    assert.deepEqual([none.status, none.stdout], [0, "no agent is there\n"]);
  });
});

function memTotalOfHost(): string {
  return `${readFileSync("/proc/meminfo", "utf8").split("\n", 1)[0]?.replace(/ +/g, " ")}\n`;
}
