// A label on a pod that runs: files come and go without a restart. And helm uninstall: nothing stays, pods run on.

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { parseMountinfo } from "../../node-agent/procfs/mountinfo.ts";
import { apply, type Cluster, eventually, exec, get, kubectl, onNode, up } from "./cluster.ts";
import { type Event, Installation, skipInstallation } from "./installation.ts";
import { idle, namespace, pod } from "./manifests.ts";
import { nodeProcesses } from "./node-processes.ts";

const NAMESPACE = "live";
const MEMORY = "head -1 /proc/meminfo";
const OWN = /^MemTotal: +65536 kB/;
/** From kubectl's answer on; what was measured is printed. */
const LIMIT_MILLIS = 2000;
const SLOWNESS = Number(process.env["PROCVIEW_TEST_SLOWNESS"] ?? 1);

describe("live", { skip: skipInstallation }, () => {
  let cluster: Cluster;
  let installation: Installation;

  before(async () => {
    cluster = up();
    installation = new Installation(cluster);
    installation.install();
    await installation.readyAgent();
    apply(cluster, namespace(NAMESPACE), onlyApp("web"), onlyApp("other"));
    for (const name of ["web", "other"]) await eventually(`${name} runs`, () => phaseOf(name) === "Running", 120);
  });

  after(() => {
    if (installation === undefined) return;
    kubectl(cluster, ["delete", "namespace", NAMESPACE, "--wait=true"]);
    cluster.down();
  });

  test("a label put on a running pod attaches its files, and taken off detaches them", async () => {
    assert.doesNotMatch(shown("web"), OWN);
    const attached = await millisUntil(["procview.io/inject=enabled"], () => OWN.test(shown("web")));
    const detached = await millisUntil(["procview.io/inject-"], () => !OWN.test(shown("web")));
    console.log(`attached after ${attached} ms, detached after ${detached} ms`);
    for (const millis of [attached, detached]) assert.ok(millis <= LIMIT_MILLIS * SLOWNESS, `${millis} ms`);
    assert.doesNotMatch(shown("other"), OWN);
  });

  test("kubectl describe and procview status tell about it", async () => {
    kubectl(cluster, ["label", "pod", "-n", NAMESPACE, "web", "procview.io/inject=enabled"]);
    await eventually("the files are there", () => OWN.test(shown("web")), 30);
    const events = () =>
      get<{ items: Event[] }>(cluster, ["get", "events", "-n", NAMESPACE]).items.filter(
        ({ involvedObject, reason }) => involvedObject.name === "web" && reason.startsWith("Procview"),
      );
    const told = await eventually("an Event", () => (events().length > 0 ? events() : undefined));
    assert.match(told.map(({ message }) => message).join("\n"), /meminfo/);
    const { stdout, stderr } = installation.procview(["status"]);
    assert.match(stdout, /own/, stderr);
  });

  test("helm uninstall leaves no mount, keeper, cgroup, webhook or folder; pods run on with the host's files", () => {
    assert.match(shown("web"), OWN);
    assert.ok(keepers().length > 0);
    installation.uninstall();
    assert.doesNotMatch(shown("web"), OWN);
    for (const process of nodeProcesses()) {
      const mounts = parseMountinfo(onNode(cluster, ["cat", `/proc/${process.pidOnNode}/mountinfo`]).stdout);
      assert.deepEqual(
        mounts.filter(({ source }) => source === "procview:/var/lib/procview/fs").map(({ mountPoint }) => mountPoint),
        [],
        process.arguments.join(" "),
      );
    }
    assert.deepEqual(keepers(), []);
    assert.equal(onNode(cluster, ["find", "/sys/fs/cgroup", "-maxdepth", "2", "-name", "procview-keeper"]).stdout, "");
    assert.ok(!existsSync("/var/lib/procview"));
    for (const kind of [
      "mutatingwebhookconfigurations",
      "clusterroles",
      "clusterrolebindings",
      "daemonsets",
      "secrets",
    ]) {
      const { stdout } = kubectl(cluster, ["get", kind, "-A", "-l", "app.kubernetes.io/name=procview", "-o", "name"]);
      assert.equal(stdout, "", kind);
    }
  });

  function onlyApp(name: string): object {
    return pod(name, NAMESPACE, { initContainers: [], containers: [idle("app")] });
  }

  function shown(name: string): string {
    return exec(cluster, `${NAMESPACE}/${name}`, MEMORY);
  }

  function phaseOf(name: string): string {
    return get<{ status: { phase: string } }>(cluster, ["get", "pod", "-n", NAMESPACE, name]).status.phase;
  }

  async function millisUntil(label: readonly string[], holds: () => boolean): Promise<number> {
    kubectl(cluster, ["label", "pod", "-n", NAMESPACE, "web", "--overwrite", ...label]);
    const begin = performance.now();
    while (!holds()) {
      assert.ok(performance.now() - begin < 10 * LIMIT_MILLIS, shown("web"));
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return Math.round(performance.now() - begin);
  }

  function keepers(): string[] {
    return nodeProcesses()
      .filter(({ cgroups }) => cgroups.includes("procview-keeper"))
      .map(({ arguments: [program = ""] }) => program);
  }
});
