// The webhook before a real API server, with pods and workloads that kubectl makes. Where the node is this machine, the
// pods run, on files that procview serves, and read what they should.

import assert from "node:assert/strict";
import { existsSync, mkdirSync, rmdirSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { ANNOTATIONS } from "../../contract/annotations.ts";
import { RUNTIME_FILES } from "../../contract/file-names.ts";
import type { InjectionStatus } from "../../contract/injection-status.ts";
import type { Pod } from "../../injection/pod.ts";
import { apply, type Cluster, end, eventually, get, kubectl, skip, startProcview, up } from "./cluster.ts";
import { LIMIT_KIB, NAMESPACE, pod, webhookObjects, workloads } from "./manifests.ts";

const PORT = 18443;
const TREE = "/var/lib/procview/fs";

if (skip) console.log(`test:cluster skips: ${skip}`);

describe("the webhook before a real API server", { skip }, () => {
  let cluster: Cluster;
  let webhook: ReturnType<typeof startProcview>;
  let files: ReturnType<typeof startProcview> | undefined;

  before(async () => {
    cluster = up();
    apply(cluster, ...webhookObjects(cluster.address, PORT));
    if (cluster.isHere) files = await serveFiles();
    webhook = startProcview(cluster, [
      "webhook",
      "--port",
      `${PORT}`,
      "--operations-port",
      "18080",
      "--drain",
      "100ms",
    ]);
    await eventually("the webhook serves", () => webhook.said().includes('"serving"'));
    await eventually("the caBundle is set", () => caBundles().every((bundle) => bundle !== undefined));
    await eventually("namespaces are known", () => injected(dryRun(pod("probe", "shop"))));
  });

  after(async () => {
    if (cluster === undefined) return;
    kubectl(cluster, ["delete", "mutatingwebhookconfiguration", "procview"]);
    kubectl(cluster, ["delete", "namespace", "shop", "vault", "plain", NAMESPACE, "--wait=false"]);
    kubectl(cluster, ["delete", "pods", "--all", "-n", "shop", "--force", "--grace-period=0"]);
    for (const child of [webhook, files]) await end(child);
    cluster.down();
    for (const folder of [TREE, "/var/lib/procview"]) if (existsSync(folder)) rmdirSync(folder);
  });

  test("makes its certificates, keeps them in a Secret, leads by a Lease, puts the authority into every entry", () => {
    const { data } = get<{ data: Record<string, string> }>(cluster, [
      "get",
      "secret",
      "-n",
      NAMESPACE,
      "procview-webhook-tls",
    ]);
    assert.deepEqual(Object.keys(data).sort(), ["ca.crt", "ca.key", "tls.crt", "tls.key"]);
    assert.deepEqual(caBundles(), [data["ca.crt"], data["ca.crt"]]);
    const lease = get<{ spec: { holderIdentity?: string } }>(cluster, [
      "get",
      "lease",
      "-n",
      NAMESPACE,
      "procview-webhook",
    ]);
    assert.ok(lease.spec.holderIdentity);
  });

  test("a pod in a namespace that opts in gets every file once, though the webhook is called twice", () => {
    const given = dryRun(pod("web", "shop"));
    for (const { volumeMounts } of [...(given.spec?.containers ?? []), ...(given.spec?.initContainers ?? [])]) {
      const paths = (volumeMounts ?? [])
        .map(({ mountPath }) => mountPath)
        .filter((path) => !path?.startsWith("/var/run"));
      assert.deepEqual(paths.sort(), RUNTIME_FILES.map((path) => `/${path}`).sort());
    }
    assert.deepEqual(statusOf(given).skipped, []);
  });

  test("labels: the pod's say counts before its namespace's; nobody asks, nothing is done", () => {
    const labels = (value: string) => ({ labels: { "procview.io/inject": value } });
    assert.ok(!injected(dryRun(pod("web", "plain"))));
    assert.ok(injected(dryRun(pod("web", "plain", {}, labels("enabled")))));
    assert.ok(!injected(dryRun(pod("web", "shop", {}, labels("disabled")))));
  });

  test("a restricted namespace is left to the agent", () => {
    const given = dryRun(pod("web", "vault"));
    assert.ok(!injected(given));
    assert.equal(statusOf(given).mode, "attach");
    assert.equal(statusOf(given).reason, "podSecurity");
  });

  test("a user's own mount wins for its path alone", () => {
    const spec = {
      volumes: [{ name: "mine", emptyDir: {} }],
      containers: [{ name: "app", image: "x", volumeMounts: [{ name: "mine", mountPath: "/proc/meminfo" }] }],
    };
    const given = dryRun(pod("web", "shop", spec));
    assert.deepEqual(statusOf(given).skipped, [{ container: "app", file: "/proc/meminfo", reason: "userMount" }]);
    assert.equal(given.spec?.containers?.[0]?.volumeMounts?.[0]?.name, "mine");
  });

  test("what is skipped is told to whoever types, and as an Event on the pod", async () => {
    const { stderr, status } = kubectl(cluster, ["create", "-f", "-"], pod("watcher", "shop", { hostPID: true }));
    assert.equal(status, 0, stderr);
    assert.match(stderr, /Warning: procview: not injected: It shares the process ids of the node/);
    const events = () => get<{ items: { message: string }[] }>(cluster, eventsOf("watcher")).items;
    const [event] = await eventually("the Event", () => (events().length > 0 ? events() : undefined), 20);
    assert.match(event?.message ?? "", /^Not injected: It shares the process ids/);
  });

  test("every kind of workload: its pods run, and see their own memory in init containers and containers", async () => {
    const all = workloads("shop");
    apply(cluster, ...Object.values(all));
    for (const app of Object.keys(all)) {
      const found = await eventually(`a pod of ${app}`, () => podOf(app));
      assert.ok(injected(found), `${app}: ${JSON.stringify(found.metadata?.annotations)}`);
      if (!cluster.isHere) continue;
      // A Job starts another pod where one could not be started.
      const nameOf = () => podOf(app, "status.phase!=Failed")?.metadata?.name ?? "";
      await eventually(`${app} runs`, () => /MemTotal/.test(logs(nameOf(), "app")), 90);
      const name = nameOf();
      for (const container of ["look", "app"]) {
        assert.match(logs(name, container), new RegExp(`MemTotal: +${LIMIT_KIB} kB\n0\n`), `${app} ${container}`);
      }
    }
  });

  test("the Secret is gone: new certificates, and pods are injected with them", async () => {
    const [old] = caBundles();
    kubectl(cluster, ["delete", "secret", "-n", NAMESPACE, "procview-webhook-tls"]);
    await eventually("a new authority", () => caBundles().every((bundle) => bundle !== undefined && bundle !== old));
    await eventually("an injected pod", () => injected(dryRun(pod("web", "shop"))));
  });

  test("the webhook ends when told to, and pods start without it", async () => {
    await end(webhook);
    assert.equal(webhook.exitCode, 0, webhook.said().slice(-2000));
    const given = dryRun(pod("web", "shop"));
    assert.ok(!injected(given));
  });

  async function serveFiles(): Promise<ReturnType<typeof startProcview>> {
    mkdirSync(TREE, { recursive: true });
    const mount = startProcview(cluster, ["mount", TREE]);
    await eventually("the files are served", () => mount.said().includes("serving"));
    return mount;
  }

  function caBundles(): (string | undefined)[] {
    const { webhooks } = get<{ webhooks: { clientConfig: { caBundle?: string } }[] }>(cluster, [
      ...["get", "mutatingwebhookconfiguration", "procview"],
    ]);
    return webhooks.map(({ clientConfig }) => clientConfig.caBundle);
  }

  function dryRun(object: object): Pod {
    return get<Pod>(cluster, ["create", "--dry-run=server", "-f", "-"], object);
  }

  function podOf(app: string, fields = ""): Pod | undefined {
    const selected = ["-l", `app=${app}`, `--field-selector=${fields}`];
    return get<{ items: Pod[] }>(cluster, ["get", "pods", "-n", "shop", ...selected]).items[0];
  }

  function logs(name: string, container: string): string {
    return kubectl(cluster, ["logs", "-n", "shop", name, "-c", container]).stdout;
  }

  function eventsOf(name: string): string[] {
    const selector = `involvedObject.name=${name},reason=ProcviewSkipped`;
    return ["get", "events", "-n", "shop", "--field-selector", selector];
  }
});

function injected(given: Pod): boolean {
  return (given.spec?.volumes ?? []).some(({ hostPath }) => hostPath?.path?.startsWith(TREE));
}

function statusOf(given: Pod): InjectionStatus {
  return JSON.parse(given.metadata?.annotations?.[ANNOTATIONS.status.key] ?? "{}");
}
