// Pods read all their files in a loop; what happens to the agent, the kubelet and containerd meanwhile costs no read.

import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";
import { requireAllRight } from "../readings.ts";
import { apply, type Cluster, eventually, exec, get, kubectl, up } from "./cluster.ts";
import { Installation, SYSTEM, skipInstallation } from "./installation.ts";
import { namespace, pod } from "./manifests.ts";
import { processesOfPod, restart } from "./node-processes.ts";
import { SteadyPods } from "./steady-pods.ts";

const NAMESPACE = "readers";
const READERS = 4;
const OPTED_IN = { "procview.io/inject": "enabled" };
/** A pod is replaced by the kubelet, at its own pace; the keeper stands in. Four times what is aimed at, for a busy machine. */
const LONGEST_MILLIS = 4 * 250 * Number(process.env["PROCVIEW_TEST_SLOWNESS"] ?? 1);

describe("reads go on", { skip: skipInstallation }, () => {
  let cluster: Cluster;
  let installation: Installation;
  let readers: SteadyPods;

  before(async () => {
    cluster = up();
    installation = new Installation(cluster);
    installation.install();
    await installation.readyAgent();
    apply(cluster, namespace(NAMESPACE, OPTED_IN));
  });

  beforeEach(async () => {
    readers = new SteadyPods(cluster, NAMESPACE);
    await readers.start(READERS);
  });

  afterEach(async (context) => {
    const readings = await readers.end();
    requireAllRight(context.name, readings);
    const { reads, longestMillis, said } = readings;
    assert.ok(reads > 1000, said);
    assert.ok(longestMillis < LONGEST_MILLIS, `the longest read took ${longestMillis} ms`);
  });

  after(() => {
    if (installation === undefined) return;
    kubectl(cluster, ["delete", "namespace", NAMESPACE, "--wait=true"]);
    installation.uninstall();
    cluster.down();
  });

  test("the agent's pod is deleted, then deleted by force", async () => {
    for (const how of [[], ["--force", "--grace-period=0"]]) {
      const { name, uid } = await installation.readyAgent();
      kubectl(cluster, ["delete", "pod", "-n", SYSTEM, name, ...how]);
      await installation.readyAgent([uid]);
    }
  });

  test("every process of the agent is killed", async () => {
    const { uid, restarts } = await installation.readyAgent();
    const processes = processesOfPod(uid).filter(({ arguments: [program] }) => program !== "/pause");
    assert.ok(processes.length >= 2, JSON.stringify(processes));
    for (const { pid } of processes) killUnlessGone(pid);
    await eventually("the container is started again", () =>
      installation.agents().find(({ restarts: now, ready }) => now > restarts && ready),
    );
  });

  test("helm upgrade, and helm rollback", async () => {
    const { uid } = await installation.readyAgent();
    installation.install({ "agent.freshness": "200ms" });
    const upgraded = await installation.readyAgent([uid]);
    installation.rollback();
    await installation.readyAgent([uid, upgraded.uid]);
  });

  test("kubelet and containerd are restarted, and pods start as before", async () => {
    for (const [at, daemon] of ["kubelet", "containerd"].entries()) {
      await restart(cluster, daemon);
      apply(cluster, pod(`after-${at}`, NAMESPACE, { initContainers: [] }));
      await eventually(`a pod after ${daemon}`, () => phaseOf(`after-${at}`) === "Running", 120);
      assert.match(exec(cluster, `${NAMESPACE}/after-${at}`, "free -k"), /^Mem: +65536 /m);
      kubectl(cluster, ["delete", "pod", "-n", NAMESPACE, `after-${at}`]);
    }
    await installation.readyAgent();
  });

  function phaseOf(name: string): string {
    return get<{ status: { phase: string } }>(cluster, ["get", "pod", "-n", NAMESPACE, name]).status.phase;
  }
});

/** With the first of a container's processes the runtime kills the others. */
function killUnlessGone(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
