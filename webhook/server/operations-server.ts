// /healthz, /readyz and /metrics, in plain HTTP on a port of their own.

import { createServer, type Server, type ServerResponse } from "node:http";
import type { Registry } from "prom-client";

/** Why the webhook is not ready; nothing where it is. */
export type Readiness = () => readonly string[];

export function createOperationsServer(registry: Registry, reasonsNotReady: Readiness): Server {
  const routes: Readonly<Record<string, (response: ServerResponse) => Promise<void> | void>> = {
    "/healthz": (response) => text(response, 200, "ok"),
    "/readyz": (response) => {
      const reasons = reasonsNotReady();
      text(response, reasons.length === 0 ? 200 : 503, reasons.length === 0 ? "ok" : reasons.join("\n"));
    },
    "/metrics": async (response) => {
      response.setHeader("Content-Type", registry.contentType);
      response.end(await registry.metrics());
    },
  };
  return createServer({ requestTimeout: 10_000, headersTimeout: 5000 }, async (request, response) => {
    const route = routes[new URL(request.url ?? "/", "http://localhost").pathname];
    if (route === undefined) return text(response, 404, `There is ${Object.keys(routes).join(", ")}`);
    if (request.method !== "GET" && request.method !== "HEAD") return text(response, 405, "Send GET");
    await route(response);
  });
}

function text(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, { "Content-Type": "text/plain; charset=utf-8" }).end(`${body}\n`);
}
