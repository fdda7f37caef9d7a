// The TLS listener: bounded in time and number at each step, its certificate exchanged without a restart.

import type { RequestListener } from "node:http";
import { createServer, type Server } from "node:https";
import type { Certificate } from "../certificates/certificate-source.ts";

const SECOND = 1000;

/** The API server keeps idle connections 90 s; who closes first must not be us, or a review is lost now and then. */
const KEEP_ALIVE_MILLIS = 120 * SECOND;

export function createHttpsServer(handler: RequestListener): Server {
  const server = createServer(
    {
      minVersion: "TLSv1.2",
      handshakeTimeout: 5 * SECOND,
      headersTimeout: 5 * SECOND,
      requestTimeout: 10 * SECOND,
      keepAliveTimeout: KEEP_ALIVE_MILLIS,
      noDelay: true,
    },
    handler,
  );
  server.maxConnections = 2048;
  return server;
}

/** Connections that are open keep what they began with. Throws where key and certificate do not fit. */
export function useCertificate(server: Server, { certificatePem, keyPem }: Certificate): void {
  server.setSecureContext({ cert: certificatePem, key: keyPem, minVersion: "TLSv1.2" });
}
