// The webhook as a whole, without Kubernetes: two listeners, a certificate, a way to end without losing a review.

import { once } from "node:events";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Logger } from "pino";
import type { Policy } from "../../injection/policy.ts";
import { type Certificate, type CertificateSource, expiryOf } from "../certificates/certificate-source.ts";
import { createApp, DEFAULT_BODY_LIMIT_BYTES } from "./app.ts";
import { createHttpsServer, useCertificate } from "./https-server.ts";
import type { Metrics } from "./metrics.ts";
import type { Audit, Namespaces } from "./mutate-handler.ts";
import { createOperationsServer } from "./operations-server.ts";

export interface WebhookServerOptions {
  policy: Policy;
  namespaces: Namespaces;
  audit: Audit;
  certificates: CertificateSource;
  metrics: Metrics;
  log: Logger;
  port: number;
  operationsPort: number;
  bodyLimitBytes?: number;
  /** Why others than this server are not ready. */
  notReady?: () => readonly string[];
  /** How long it goes on serving once it is told to end: until nobody is sent here any more. */
  drainMillis: number;
}

/** Reviews that are being answered when the listeners close have this long. */
const LAST_ANSWERS_MILLIS = 5000;

export class WebhookServer {
  readonly #options: WebhookServerOptions;
  readonly #https: Server;
  readonly #operations: Server;
  #expires: Date | undefined;
  #draining = false;

  constructor(options: WebhookServerOptions) {
    this.#options = options;
    const app = createApp({
      ...options,
      bodyLimitBytes: options.bodyLimitBytes ?? DEFAULT_BODY_LIMIT_BYTES,
      draining: () => this.#draining,
    });
    this.#https = createHttpsServer(app);
    this.#operations = createOperationsServer(options.metrics.registry, () => this.reasonsNotReady());
  }

  async start(): Promise<{ port: number; operationsPort: number }> {
    const { certificates, log, port, operationsPort, metrics } = this.#options;
    // A client that does not speak TLS, or does not trust us, is told by its own side.
    this.#https.on("tlsClientError", (error: Error) => log.debug({ reason: error.message }, "a TLS handshake failed"));
    this.#operations.listen(operationsPort);
    await once(this.#operations, "listening");
    await certificates.start(
      (certificate) => this.#use(certificate),
      (error) => {
        metrics.certificateLoads.inc({ result: "failed" });
        log.error({ err: error }, "no new certificate: what was served before stays");
      },
    );
    this.#https.listen(port);
    await once(this.#https, "listening");
    const ports = { port: portOf(this.#https), operationsPort: portOf(this.#operations) };
    log.info(ports, "serving");
    return ports;
  }

  reasonsNotReady(): string[] {
    const expired = this.#expires !== undefined && this.#expires <= new Date();
    return [
      ...(this.#draining ? ["draining: told to end"] : []),
      ...(this.#expires === undefined ? ["no serving certificate yet"] : []),
      ...(expired ? [`the serving certificate ended ${this.#expires?.toISOString()}`] : []),
      ...(this.#options.notReady?.() ?? []),
    ];
  }

  /** Ends without losing a review: says that it is not ready, serves on for a while, answers the last, closes. */
  async drain(): Promise<void> {
    const { drainMillis, certificates, log } = this.#options;
    log.info({ drainMillis }, "draining");
    this.#draining = true;
    await new Promise((resolve) => setTimeout(resolve, drainMillis));
    certificates.stop();
    const closed = once(this.#https.close(), "close");
    this.#https.closeIdleConnections();
    const late = setTimeout(() => this.#https.closeAllConnections(), LAST_ANSWERS_MILLIS);
    await closed;
    clearTimeout(late);
    this.#operations.close();
    this.#operations.closeAllConnections();
    log.info("ended");
  }

  #use(certificate: Certificate): void {
    const { metrics, log } = this.#options;
    const expires = expiryOf(certificate.certificatePem);
    useCertificate(this.#https as Parameters<typeof useCertificate>[0], certificate);
    this.#expires = expires;
    metrics.certificateExpiry.set(expires.getTime() / 1000);
    metrics.certificateLoads.inc({ result: "loaded" });
    log.info({ expires }, "serving a new certificate");
  }
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}
