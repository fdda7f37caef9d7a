// /healthz, /readyz and /metrics.

import { createServer, type Server, type ServerResponse } from "node:http";

export interface Health {
  /** Undefined: alive. Else why not. */
  notAlive(): string | undefined;
  /** Undefined: ready. Else why not. */
  notReady(): Promise<string | undefined>;
  metrics(): Promise<string>;
}

const METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8";

/** Listens, and returns the server with the port it got. */
export async function startHealthServer(
  health: Health,
  { host, port }: { host: string; port: number },
): Promise<Server> {
  const routes: Readonly<Record<string, (response: ServerResponse) => Promise<void> | void>> = {
    "/healthz": (response) => told(response, health.notAlive()),
    "/readyz": async (response) => told(response, await health.notReady()),
    "/metrics": async (response) => {
      response.writeHead(200, { "content-type": METRICS_TYPE }).end(await health.metrics());
    },
  };
  const server = createServer((request, response) => {
    const route = routes[(request.url ?? "").split("?")[0] ?? ""];
    if (request.method !== "GET" || route === undefined) {
      response.writeHead(404).end("there are /healthz, /readyz and /metrics\n");
      return;
    }
    Promise.resolve(route(response)).catch((error: unknown) => response.writeHead(500).end(`${String(error)}\n`));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, resolve);
  });
  return server;
}

function told(response: ServerResponse, problem: string | undefined): void {
  response.writeHead(problem === undefined ? 200 : 503).end(`${problem ?? "ok"}\n`);
}
