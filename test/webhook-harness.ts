// A webhook on free ports of this machine, with a certificate of its own making and namespaces that a test names.

import { Agent, request } from "node:https";
import type { TLSSocket } from "node:tls";
import { pino } from "pino";
import type { Labels } from "../injection/pod.ts";
import { DEFAULT_POLICY } from "../injection/policy.ts";
import type { CertificateSource } from "../webhook/certificates/certificate-source.ts";
import { issueAuthority, issueServing } from "../webhook/certificates/issue.ts";
import { createMetrics, type Metrics } from "../webhook/server/metrics.ts";
import { WebhookServer, type WebhookServerOptions } from "../webhook/server/webhook-server.ts";

export interface Served extends AsyncDisposable {
  port: number;
  operationsPort: number;
  authority: string;
  server: WebhookServer;
  metrics: Metrics;
  /** News of reviews, as an Event would tell it. */
  news: string[];
  post(body: string | Buffer, options?: PostOptions): Promise<Reply>;
  operations(path: string): Promise<{ status: number; text: string }>;
}

export interface PostOptions {
  method?: string;
  path?: string;
  headers?: Record<string, string>;
  agent?: Agent;
}

export interface Reply {
  status: number;
  headers: Record<string, unknown>;
  text: string;
  protocol: string | null;
}

export const NAMESPACES: Readonly<Record<string, Labels>> = {
  shop: { "procview.io/inject": "enabled" },
  plain: {},
};

export async function serveWebhook(options: Partial<WebhookServerOptions> = {}): Promise<Served> {
  const authority = await issueAuthority(new Date());
  const certificates = options.certificates ?? (await fixedCertificate(authority));
  const metrics = createMetrics();
  const news: string[] = [];
  const server = new WebhookServer({
    policy: DEFAULT_POLICY,
    namespaces: { labelsOf: (name) => NAMESPACES[name] },
    audit: { tell: (_review, told) => news.push(...told) },
    log: pino({ level: "silent" }),
    port: 0,
    operationsPort: 0,
    drainMillis: 0,
    ...options,
    certificates,
    metrics,
  });
  const { port, operationsPort } = await server.start();
  return {
    port,
    operationsPort,
    authority: authority.certificatePem,
    server,
    metrics,
    news,
    post: (body, more) => post(port, authority.certificatePem, body, more),
    operations: async (path) => {
      const response = await fetch(`http://127.0.0.1:${operationsPort}${path}`);
      return { status: response.status, text: await response.text() };
    },
    [Symbol.asyncDispose]: () => server.drain(),
  };
}

async function fixedCertificate(authority: Awaited<ReturnType<typeof issueAuthority>>): Promise<CertificateSource> {
  const serving = await issueServing(authority, ["localhost"], new Date());
  return { start: async (use) => use(serving), stop: () => undefined };
}

export function post(port: number, ca: string, body: string | Buffer, options: PostOptions = {}): Promise<Reply> {
  const { method = "POST", path = "/mutate", headers = { "content-type": "application/json" }, agent } = options;
  return new Promise((resolve, reject) => {
    const sent = request(
      { host: "127.0.0.1", servername: "localhost", port, path, method, headers, ca, agent: agent ?? new Agent() },
      (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        const protocol = (response.socket as TLSSocket).getProtocol();
        response.on("end", () => {
          const text = Buffer.concat(chunks).toString("utf8");
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text, protocol });
        });
      },
    );
    sent.on("error", reject);
    sent.end(body);
  });
}

export function reviewOf(object: unknown, request: object = {}, apiVersion = "admission.k8s.io/v1"): string {
  return JSON.stringify({
    apiVersion,
    kind: "AdmissionReview",
    request: {
      uid: "705ab4f5-6393-11e8-b7cc-42010a800002",
      kind: { group: "", version: "v1", kind: "Pod" },
      resource: { group: "", version: "v1", resource: "pods" },
      operation: "CREATE",
      namespace: "shop",
      object,
      ...request,
    },
  });
}

export const POD = {
  apiVersion: "v1",
  kind: "Pod",
  metadata: { generateName: "web-" },
  spec: { containers: [{ name: "app", image: "nginx" }] },
};
