// The node is gone from one moment to the next, and comes back: everything in it was killed, and what procview had left in
// folders is still there.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { apply, type Cluster, eventually, exec, get, kubectl, up } from "./cluster.ts";
import { Installation, skipInstallation } from "./installation.ts";
import { idle, namespace, pod } from "./manifests.ts";

const NAMESPACE = "reboot";

describe("a reboot of the node", { skip: skipInstallation }, () => {
  let cluster: Cluster;
  let installation: Installation;

  before(() => {
    cluster = up();
  });

  after(() => {
    if (installation === undefined) return;
    kubectl(cluster, ["delete", "namespace", NAMESPACE, "--wait=true"]);
    installation.uninstall();
    cluster.down();
  });

  test("procview serves again on what was left", async () => {
    await installed();
    assert.ok(existsSync("/var/lib/procview"));
    spawnSync(join(cluster.scripts, "down"), { stdio: "ignore" });
    assert.ok(existsSync("/var/lib/procview"), "a reboot cleans no folder");
    up();
    await installed();
  });

  /** A cluster of this kind forgets its objects: they are made anew. */
  async function installed(): Promise<void> {
    installation = new Installation(cluster);
    installation.install();
    await installation.readyAgent();
    apply(cluster, namespace(NAMESPACE, { "procview.io/inject": "enabled" }));
    apply(cluster, pod("web", NAMESPACE, { initContainers: [], containers: [idle("app")] }));
    await eventually("the pod runs", () => phaseOf("web") === "Running", 120);
    assert.match(exec(cluster, `${NAMESPACE}/web`, "free -k"), /^Mem: +65536 /m);
  }

  function phaseOf(name: string): string {
    return get<{ status: { phase: string } }>(cluster, ["get", "pod", "-n", NAMESPACE, name]).status.phase;
  }
});
