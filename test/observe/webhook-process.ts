// A real `procview webhook`, with a certificate of the test's, and reviews as an API server sends them.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { Agent } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { issueAuthority, issueServing } from "../../webhook/certificates/issue.ts";
import { PROGRAM, until } from "../mount/harness.ts";
import { NAMESPACES, POD, post, reviewOf } from "../webhook-harness.ts";
import { startApiServer } from "./api-server.ts";
import { freePort } from "./prometheus.ts";

export interface WebhookProcess extends AsyncDisposable {
  operationsPort: number;
  /** Sends the n-th of a mix of reviews. */
  review(n: number): Promise<void>;
  /** Takes the API server away: labels of namespaces that are not known yet cannot be had any more. */
  loseApiServer(): Promise<void>;
  /** Reviews a pod of a namespace that the webhook has not seen. */
  reviewUnknown(namespace: string): Promise<void>;
}

/** As they come in a cluster: most pods are injected, some are not asked for, some cannot be. */
const MIX: readonly string[] = [
  reviewOf(POD),
  reviewOf(POD),
  reviewOf(POD),
  reviewOf(POD, { namespace: "plain" }),
  reviewOf({ ...POD, metadata: { ...POD.metadata, annotations: { "procview.io/mode": "attach" } } }),
  reviewOf(POD),
  reviewOf({ ...POD, metadata: { name: "watcher" }, spec: { ...POD.spec, hostPID: true } }),
  reviewOf({ ...POD, metadata: { name: "sandbox" }, spec: { ...POD.spec, runtimeClassName: "gvisor" } }),
];

export async function startWebhookProcess(): Promise<WebhookProcess> {
  const folder = mkdtempSync(join(tmpdir(), "procview-webhook-"));
  const authority = await issueAuthority(new Date());
  const serving = await issueServing(authority, ["localhost"], new Date());
  writeFileSync(join(folder, "tls.crt"), serving.certificatePem);
  writeFileSync(join(folder, "tls.key"), serving.keyPem);
  const api = await startApiServer(NAMESPACES);
  api.kubeconfig(join(folder, "kubeconfig"));
  const [port, operationsPort] = [await freePort(), await freePort()];
  const flags = ["--port", `${port}`, "--operations-port", `${operationsPort}`, "--drain", "0ms"];
  const child = spawn(process.execPath, [PROGRAM, "webhook", "--tls-directory", folder, ...flags], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, KUBECONFIG: join(folder, "kubeconfig") },
  });
  let said = "";
  child.stdout.on("data", (chunk: Buffer) => {
    said += chunk.toString();
  });
  const isReady = async () =>
    said.includes('"serving"') && (await fetch(`http://127.0.0.1:${operationsPort}/readyz`)).ok;
  await until("the webhook is ready", async () => child.exitCode !== null || (await isReady()));
  if (child.exitCode !== null) throw new Error(`the webhook ended: ${said}`);
  const agent = new Agent({ keepAlive: true });
  const send = async (body: string): Promise<void> => {
    const { status, text } = await post(port, authority.certificatePem, body, { agent });
    if (status !== 200) throw new Error(`${status}: ${text}`);
  };
  return {
    operationsPort,
    review: (n) => send(MIX[n % MIX.length] as string),
    loseApiServer: () => api.close(),
    reviewUnknown: (name) => send(reviewOf(POD, { namespace: name })),
    async [Symbol.asyncDispose]() {
      agent.destroy();
      const over = once(child, "exit");
      child.kill("SIGKILL");
      await over;
      await api.close();
      rmSync(folder, { recursive: true });
    },
  };
}
