// The webhook in a cluster: wires the server to the API server. No decisions here.

import { hostname } from "node:os";
import { AdmissionregistrationV1Api, CoordinationV1Api, CoreV1Api, KubeConfig } from "@kubernetes/client-node";
import { pino } from "pino";
import type { Policy } from "../injection/policy.ts";
import type { CertificateSource } from "./certificates/certificate-source.ts";
import { FileCertificate } from "./certificates/file-certificate.ts";
import { SelfCertificate } from "./certificates/self-certificate.ts";
import { webhookCaBundle } from "./kubernetes/ca-bundle.ts";
import { EventAudit } from "./kubernetes/events.ts";
import { leadership } from "./kubernetes/leadership.ts";
import { watchNamespaces } from "./kubernetes/namespaces.ts";
import { certificateSecret } from "./kubernetes/secret.ts";
import { createMetrics } from "./server/metrics.ts";
import { WebhookServer } from "./server/webhook-server.ts";

export interface WebhookOptions {
  policy: Policy;
  port: number;
  operationsPort: number;
  bodyLimitBytes: number;
  drainMillis: number;
  logLevel: string;
  /** Files of somebody else (cert-manager's, your own); without it, certificates are made here. */
  tlsDirectory: string | undefined;
  /** Where the webhook itself runs. */
  namespace: string;
  service: string;
  /** Names of the Secret and the Lease of certificates that are made here. */
  secret: string;
  lease: string;
  configuration: string;
}

/** Resolves when the webhook has ended, after a signal. */
export async function startWebhook(options: WebhookOptions): Promise<void> {
  const log = pino({ level: options.logLevel, base: null });
  const config = new KubeConfig();
  config.loadFromDefault();
  const core = config.makeApiClient(CoreV1Api);
  const metrics = createMetrics();
  const namespaces = watchNamespaces(config, core);
  namespaces.start((error) => {
    metrics.namespaceWatchFailures.inc();
    log.warn({ err: error }, "the watch of namespaces ended; it is begun anew");
  });
  const server = new WebhookServer({
    ...options,
    namespaces,
    metrics,
    log,
    audit: new EventAudit(core, metrics.events, log),
    certificates: certificatesOf(options, config),
    notReady: () => (namespaces.synced() ? [] : ["the labels of namespaces are not known yet"]),
  });
  const told = new Promise<void>((resolve) => {
    for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => resolve());
  });
  await server.start();
  await told;
  await server.drain();
  namespaces.stop();
}

function certificatesOf(options: WebhookOptions, config: KubeConfig): CertificateSource {
  const { tlsDirectory, namespace, service, secret, lease, configuration } = options;
  if (tlsDirectory !== undefined) return new FileCertificate(tlsDirectory);
  return new SelfCertificate({
    dnsNames: [`${service}.${namespace}.svc`, `${service}.${namespace}`, `${service}.${namespace}.svc.cluster.local`],
    secret: certificateSecret(config.makeApiClient(CoreV1Api), namespace, secret),
    caBundle: webhookCaBundle(config.makeApiClient(AdmissionregistrationV1Api), configuration),
    leadership: leadership(config.makeApiClient(CoordinationV1Api), namespace, lease, hostname()),
  });
}
