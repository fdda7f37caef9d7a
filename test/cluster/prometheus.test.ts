// A Prometheus that is told of pods by the API server finds agent and webhook of an installation, as docs/prometheus.yaml
// says: every query of the dashboard returns data, nothing fires while all is well, and agents that go fire an alert.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { concreteQueries, type ShownPanel } from "../../docs/dashboard/queries.ts";
import { DASHBOARD } from "../../docs/dashboard/write.ts";
import { lacks, until } from "../mount/harness.ts";
import { type Prometheus, startPrometheus } from "../observe/prometheus.ts";
import { SOONER, scrapeConfig } from "../observe/scrape-config.ts";
import { apply, type Cluster, get, kubectl, skip, up } from "./cluster.ts";
import { Installation, SYSTEM, skipInstallation } from "./installation.ts";
import { namespace, pod } from "./manifests.ts";
import { type PodDiscovery, startPodDiscovery } from "./pod-discovery.ts";

const SHOP = "observed";
const RATE_INTERVAL = "20s";
const READS = "while :; do cat /proc/meminfo /proc/stat /proc/uptime >/dev/null; sleep 0.2; done";
const LIMIT_MILLIS = 120_000;

const { panels } = JSON.parse(readFileSync(DASHBOARD, "utf8")) as { panels: ShownPanel[] };

describe("a Prometheus before a real API server", { skip: skip || skipInstallation || lacks("prometheus") }, () => {
  let cluster: Cluster;
  let prometheus: Prometheus;
  let pods: PodDiscovery;
  let installation: Installation;

  before(async () => {
    cluster = up();
    installation = new Installation(cluster);
    installation.install();
    apply(cluster, namespace(SHOP, { "procview.io/inject": "enabled" }));
    apply(cluster, reader("reader-1"), reader("reader-2"));
    pods = startPodDiscovery(cluster, SYSTEM);
    prometheus = await startPrometheus({ config: scrapeConfig(pods.file, 2), rules: [SOONER], prefix: cluster.prefix });
  });

  after(async () => {
    await prometheus?.[Symbol.asyncDispose]();
    await pods?.[Symbol.asyncDispose]();
    kubectl(cluster, ["delete", "namespace", SHOP, "--wait=false"]);
    kubectl(cluster, ["delete", "pods", "--all", "-n", SHOP, "--force", "--grace-period=0"]);
    installation?.uninstall();
    cluster?.down();
  });

  test("finds agent and webhook, and scrapes them", async () => {
    await until(
      "all targets are up",
      async () => {
        const targets = await prometheus.targets();
        const jobs = new Set(targets.map(({ labels }) => labels["job"]));
        return (
          jobs.has("procview-agent") && jobs.has("procview-webhook") && targets.every(({ health }) => health === "up")
        );
      },
      LIMIT_MILLIS,
    );
    const builds = await prometheus.query('procview_build_info{component="agent"}');
    assert.deepEqual(
      builds.map(({ labels }) => labels["node"]),
      nodes(cluster),
    );
  });

  test("has data for every query of the dashboard", async () => {
    await until(
      "a container is looked after",
      async () => {
        const [own] = await prometheus.query('sum(procview_attached_containers{state="own"})');
        return (own?.value ?? 0) >= 2;
      },
      LIMIT_MILLIS,
    );
    for (let n = 0; n < 10; n += 1) review(`probe-${n}`);
    await sleep(10_000);
    for (let n = 10; n < 20; n += 1) review(`probe-${n}`);
    await sleep(5_000);
    for (const { title, expr } of concreteQueries(
      panels.filter(({ type }) => type !== "row"),
      RATE_INTERVAL,
    )) {
      const samples = await prometheus.query(expr);
      assert.ok(samples.length > 0, `${title}: nothing for ${expr}`);
      assert.ok(
        samples.every(({ value }) => Number.isFinite(value)),
        `${title}: ${JSON.stringify(samples)} for ${expr}`,
      );
    }
    const [mounted] = await prometheus.query('sum(procview_webhook_reviews_total{decision="mount"})');
    assert.ok((mounted?.value ?? 0) >= 20, "reviews are counted");
  });

  test("no alert fires while all is well", async () => {
    const firing = (await prometheus.alerts()).map(({ labels, state }) => `${labels["alertname"]} ${state}`);
    assert.deepEqual(firing, []);
  });

  test("agents that may run nowhere: ProcviewAgentMissing fires, and goes when they are back", async () => {
    const states = async () =>
      (await prometheus.alerts())
        .filter(({ labels }) => labels["alertname"] === "ProcviewAgentMissing")
        .map(({ state }) => state);
    place({ "procview.test/nowhere": "true" });
    try {
      await until("it fires", async () => (await states()).includes("firing"), LIMIT_MILLIS);
    } finally {
      // A merge patch takes away by null.
      place({ "procview.test/nowhere": null });
    }
    await until("it does not any more", async () => (await states()).length === 0, LIMIT_MILLIS);
  });

  function place(nodeSelector: object): void {
    const patch = JSON.stringify({ spec: { template: { spec: { nodeSelector } } } });
    const { status, stderr } = kubectl(cluster, [
      ...["patch", "daemonset", "-n", SYSTEM, agents(cluster)?.metadata.name ?? "", "--type=merge", "-p", patch],
    ]);
    assert.equal(status, 0, stderr);
  }

  function review(name: string): void {
    const { status, stderr } = kubectl(cluster, ["create", "--dry-run=server", "-f", "-"], pod(name, SHOP));
    assert.equal(status, 0, stderr);
  }
});

function reader(name: string): object {
  return pod(name, SHOP, {
    initContainers: [],
    containers: [
      {
        name: "app",
        image: "localhost/tools:1",
        imagePullPolicy: "Never",
        resources: { limits: { memory: "64Mi" }, requests: { cpu: "10m" } },
        command: ["sh", "-c", READS],
      },
    ],
  });
}

interface DaemonSet {
  metadata: { name: string };
}

function agents(cluster: Cluster): DaemonSet | undefined {
  const selector = "app.kubernetes.io/name=procview,app.kubernetes.io/component=agent";
  return get<{ items: DaemonSet[] }>(cluster, ["get", "daemonsets", "-n", SYSTEM, "-l", selector]).items[0];
}

function nodes(cluster: Cluster): string[] {
  return get<{ items: DaemonSet[] }>(cluster, ["get", "nodes"]).items.map(({ metadata }) => metadata.name);
}
