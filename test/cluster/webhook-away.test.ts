// The webhook's certificate is renewed, and the webhook goes away: no pod is held up, and none is forgotten without need.

import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { after, before, describe, test } from "node:test";
import type { Pod } from "../../injection/pod.ts";
import { apply, type Cluster, eventually, get, kubectl, up } from "./cluster.ts";
import { Installation, isInjected, SYSTEM, skipInstallation } from "./installation.ts";
import { namespace, pod } from "./manifests.ts";

const NAMESPACE = "orders";
const SECRET = ["secret", "-n", SYSTEM, "procview-webhook-tls"];
const DEPLOYMENT = ["-n", SYSTEM, "deployment/procview-webhook"];

describe("the webhook's certificate, and its absence", { skip: skipInstallation }, () => {
  let cluster: Cluster;
  let installation: Installation;

  before(async () => {
    cluster = up();
    installation = new Installation(cluster);
    installation.install();
    await installation.readyAgent();
    apply(cluster, namespace(NAMESPACE, { "procview.io/inject": "enabled" }));
    await eventually("the webhook injects", () => isInjected(dryRun()));
  });

  after(() => {
    if (installation === undefined) return;
    kubectl(cluster, ["delete", "namespace", NAMESPACE, "--wait=true"]);
    installation.uninstall();
    cluster.down();
  });

  test("a new serving certificate of the same authority: every pod meanwhile is injected", async () => {
    const before = served();
    // What is no certificate is renewed at the leader's next look, as one that is old.
    const data = { "tls.crt": Buffer.from("to be renewed").toString("base64") };
    kubectl(cluster, ["patch", ...SECRET, "--type=merge", "-p", JSON.stringify({ data })]);
    let reviews = 0;
    const renewed = await eventually("a new certificate", () => {
      assert.ok(isInjected(dryRun()), `after ${reviews} reviews`);
      reviews += 1;
      const now = served();
      return now?.serialNumber === before?.serialNumber ? undefined : now;
    });
    assert.equal(renewed?.issuer, before?.issuer);
    // Replicas look every ten seconds: each serves the new one by then.
    const end = Date.now() + 12_000;
    while (Date.now() < end) assert.ok(isInjected(dryRun()));
  });

  test("scaled to 0, pods start without the files; scaled up, the next one has them", async () => {
    kubectl(cluster, ["scale", ...DEPLOYMENT, "--replicas=0"]);
    await eventually("no webhook", () => replicas() === 0);
    apply(cluster, pod("without", NAMESPACE, { initContainers: [] }));
    await eventually("it runs", () => podNamed("without").status.phase === "Running");
    assert.ok(!isInjected(podNamed("without")));
    kubectl(cluster, ["scale", ...DEPLOYMENT, "--replicas=2"]);
    await eventually("the webhook is back", () => replicas() === 2 && isInjected(dryRun()));
  });

  /** What the Secret holds, where it is a certificate. */
  function served(): X509Certificate | undefined {
    const { data } = get<{ data: Record<string, string> }>(cluster, ["get", ...SECRET]);
    const pem = Buffer.from(data["tls.crt"] ?? "", "base64").toString();
    return pem.includes("BEGIN CERTIFICATE") ? new X509Certificate(pem) : undefined;
  }

  /** Those that drain count too: they still answer. */
  function replicas(): number {
    const selector = "app.kubernetes.io/component=webhook";
    return get<{ items: Pod[] }>(cluster, ["get", "pods", "-n", SYSTEM, "-l", selector]).items.length;
  }

  function podNamed(name: string): Pod & { status: { phase: string } } {
    return get(cluster, ["get", "pod", "-n", NAMESPACE, name]);
  }

  function dryRun(): Pod {
    return get<Pod>(cluster, ["create", "--dry-run=server", "-f", "-"], pod("probe", NAMESPACE));
  }
});
