// procview as helm installs it: what people see in their pods.

import assert from "node:assert/strict";
import { cpus, totalmem } from "node:os";
import { after, before, describe, test } from "node:test";
import type { Pod } from "../../injection/pod.ts";
import { apply, type Cluster, eventually, exec, get, kubectl, up } from "./cluster.ts";
import { type Event, Installation, isInjected, skipInstallation } from "./installation.ts";
import { container, idle, namespace, pod, type Resources } from "./manifests.ts";

if (skipInstallation) console.log(`test:cluster skips: ${skipInstallation}`);

const NAMESPACE = "shop";
const MIB_OF_HOST = totalmem() / 2 ** 20;
const MANY = 20;
const STARTUP_TAINT = "procview.io/not-ready";
const OTHER_TAINT = "example.com/other";

interface NodeObject {
  spec: { taints?: readonly { key: string }[] };
}

/** Name of a container -> what it may use, as its manifest says, and what it should see. */
const CONTAINERS = {
  guaranteed: { resources: both({ memory: "64Mi", cpu: "250m" }), mib: 64, cpus: 1 },
  burstable: { resources: limited({ memory: "100Mi", cpu: "500m" }), mib: 100, cpus: 1 },
  fraction: { resources: limited({ memory: "96Mi", cpu: "1500m" }), mib: 96, cpus: 2 },
  besteffort: { resources: {}, mib: MIB_OF_HOST, cpus: cpus().length },
} as const;
type Name = keyof typeof CONTAINERS;

/** A pod for each class of service; two containers of different sizes; the same with one process namespace. */
const PODS: Readonly<Record<string, readonly Name[]>> = {
  guaranteed: ["guaranteed"],
  burstable: ["burstable"],
  fraction: ["fraction"],
  besteffort: ["besteffort"],
  pair: ["guaranteed", "burstable"],
  "shared-processes": ["burstable", "fraction"],
};

describe("procview as helm installs it", { skip: skipInstallation }, () => {
  let cluster: Cluster;
  let installation: Installation;

  before(() => {
    cluster = up();
    installation = new Installation(cluster);
    apply(cluster, namespace(NAMESPACE));
    kubectl(cluster, ["label", "namespace", NAMESPACE, "procview.io/inject=enabled"]);
  });

  after(() => {
    if (installation === undefined) return;
    for (const taint of [STARTUP_TAINT, OTHER_TAINT]) kubectl(cluster, ["taint", "nodes", "--all", `${taint}-`]);
    kubectl(cluster, ["delete", "namespace", NAMESPACE, "--wait=true"]);
    installation.uninstall();
    cluster.down();
  });

  test("without an agent a pod that opted in waits, and starts once there is one", async () => {
    installation.install({ "agent.nodeSelector.place": "nowhere" });
    await eventually("the webhook injects", () => isInjected(dryRun(pod("probe", NAMESPACE))));
    apply(cluster, pod("early", NAMESPACE, { initContainers: [] }));
    const refused = await eventually("why it waits", () =>
      eventsOf("early").find(({ message }) => message.includes("hostPath type check failed")),
    );
    assert.match(refused.message, /\/var\/lib\/procview\/fs/);
    assert.equal(phaseOf("early"), "Pending");
    installation.install();
    await installation.readyAgent();
    await eventually("the pod starts", () => phaseOf("early") === "Running", 150);
    assert.match(exec(cluster, `${NAMESPACE}/early`, "free -k"), /^Mem: +65536 /m);
  });

  test("a node that joined with the startup taint takes pods once its agent serves; its other taints stay", async () => {
    kubectl(cluster, ["taint", "nodes", "--all", `${STARTUP_TAINT}=:NoSchedule`, `${OTHER_TAINT}=:PreferNoSchedule`]);
    apply(cluster, podOf("kept-off", ["guaranteed"]));
    await eventually("it finds no node", () =>
      eventsOf("kept-off").find(({ message }) => message.includes(STARTUP_TAINT)),
    );
    installation.install({ "agent.startupTaint": STARTUP_TAINT });
    await running("kept-off");
    sees("kept-off", "guaranteed");
    assert.deepEqual(
      get<{ items: NodeObject[] }>(cluster, ["get", "nodes"]).items.flatMap(({ spec }) =>
        (spec.taints ?? []).map(({ key }) => key),
      ),
      [OTHER_TAINT],
    );
  });

  test("helm test: a pod of the chart's own sees its limit, and goes", () => {
    const { stdout } = installation.helm(["test", "procview"]);
    assert.match(stdout, /^TEST SUITE: +procview-test$/m);
    assert.match(stdout, /^Phase: +Succeeded$/m);
    assert.equal(get<{ items: Pod[] }>(cluster, ["get", "pods", "-n", "default"]).items.length, 0);
  });

  test("free, getconf, uptime and top show the limits: every class of service, fractions of a CPU, containers of one pod", async () => {
    apply(cluster, ...Object.entries(PODS).map(([name, containers]) => podOf(name, containers)));
    for (const name of Object.keys(PODS)) await running(name);
    for (const [name, containers] of Object.entries(PODS)) {
      for (const each of containers) sees(name, each);
    }
  });

  test("init containers see their own limits", async () => {
    const init = container("init", "free -k; getconf _NPROCESSORS_ONLN; uptime", CONTAINERS.burstable.resources);
    apply(cluster, pod("with-init", NAMESPACE, { initContainers: [init], containers: [idle("app")] }));
    await running("with-init");
    const { stdout } = kubectl(cluster, ["logs", "-n", NAMESPACE, "with-init", "-c", "init"]);
    assert.match(stdout, new RegExp(`^Mem: +${100 * 1024} `, "m"));
    assert.match(stdout, /^1$/m);
  });

  test(`${MANY} pods that start at once all start, and each sees itself`, async () => {
    const app = { ...idle("app", { limits: { memory: "64Mi", cpu: "1" }, requests: { cpu: "1m" } }) };
    apply(cluster, {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "many", namespace: NAMESPACE },
      spec: {
        replicas: MANY,
        selector: { matchLabels: { app: "many" } },
        template: {
          metadata: { labels: { app: "many" } },
          spec: { containers: [app], terminationGracePeriodSeconds: 0 },
        },
      },
    });
    await eventually("all are ready", () => readyOf("many") === MANY, 240);
    for (const { metadata } of podsOf("many")) {
      assert.match(exec(cluster, `${NAMESPACE}/${metadata?.name}`, "free -k"), /^Mem: +65536 /m);
    }
    const failures = get<{ items: Event[] }>(cluster, ["get", "events", "-n", NAMESPACE]).items.filter(
      ({ reason, involvedObject }) => reason === "Failed" && involvedObject.name.startsWith("many-"),
    );
    assert.deepEqual(
      failures.map(({ message }) => message),
      [],
    );
    kubectl(cluster, ["delete", "deployment", "-n", NAMESPACE, "many", "--wait=false"]);
  });

  function sees(name: string, each: Name): void {
    const { mib, cpus: shown } = CONTAINERS[each];
    const seen = (command: string): string => exec(cluster, `${NAMESPACE}/${name}`, command, each);
    const about = `${name}/${each}`;
    const [, total = ""] = /^Mem: +(\d+) /m.exec(seen("free -k")) ?? [];
    assert.ok(Math.abs(Number(total) - mib * 1024) < 8, `${about}: free says ${total} KiB, not ${mib} MiB`);
    assert.match(seen("top -bn1"), new RegExp(`^MiB Mem : +${mib.toFixed(1)} total`, "m"), about);
    const visible = Math.min(shown, cpus().length);
    // nproc(1) asks sched_getaffinity(2), which a quota does not change: README, "Limits".
    assert.ok(Number(seen("nproc")) >= visible, `${about}: nproc`);
    assert.equal(Number(seen("getconf _NPROCESSORS_ONLN")), visible, `${about}: getconf _NPROCESSORS_ONLN`);
    assert.equal(seen("grep -c ^processor /proc/cpuinfo").trim(), `${visible}`, `${about}: cpuinfo`);
    assert.match(seen("uptime"), / up \d+ min/, about);
    assert.ok(Number(seen("cut -d. -f1 /proc/uptime")) < 600, `${about}: ${seen("uptime")}`);
  }

  function podOf(name: string, containers: readonly Name[]): object {
    const spec = {
      initContainers: [],
      shareProcessNamespace: name.startsWith("shared"),
      containers: containers.map((each) => {
        return idle(each, CONTAINERS[each].resources);
      }),
    };
    return pod(name, NAMESPACE, spec);
  }

  async function running(name: string): Promise<void> {
    await eventually(`${name} runs`, () => phaseOf(name) === "Running", 120);
  }

  function phaseOf(name: string): string | undefined {
    return get<{ status: { phase: string } }>(cluster, ["get", "pod", "-n", NAMESPACE, name]).status.phase;
  }

  function podsOf(app: string): Pod[] {
    return get<{ items: Pod[] }>(cluster, ["get", "pods", "-n", NAMESPACE, "-l", `app=${app}`]).items;
  }

  function readyOf(deployment: string): number | undefined {
    const { status } = get<{ status: { readyReplicas?: number } }>(cluster, [
      ...["get", "deployment", "-n", NAMESPACE, deployment],
    ]);
    return status.readyReplicas;
  }

  function eventsOf(name: string): Event[] {
    const selector = `involvedObject.name=${name}`;
    return get<{ items: Event[] }>(cluster, ["get", "events", "-n", NAMESPACE, "--field-selector", selector]).items;
  }

  function dryRun(object: object): Pod {
    return get<Pod>(cluster, ["create", "--dry-run=server", "-f", "-"], object);
  }
});

function both(amounts: Record<string, string>): Resources {
  return { limits: amounts, requests: amounts };
}

function limited(limits: Record<string, string>): Resources {
  return { limits, requests: { cpu: "10m" } };
}
