// /healthz, /readyz, /metrics, and /containers for `kubectl procview`.

import { createServer, type Server, type ServerResponse } from "node:http";
import type { NodeReport } from "../../contract/node-report.ts";

export interface Health {
  /** Undefined: alive. Else why not. */
  notAlive(): string | undefined;
  /** Undefined: ready. Else why not. */
  notReady(): Promise<string | undefined>;
  metrics(): Promise<string>;
  /** The containers of the node and their files; undefined where nobody watches pods. */
  containers(): NodeReport | undefined;
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
    "/containers": async (response) => {
      const report = health.containers();
      if (report === undefined) return void response.writeHead(404).end("the agent runs without --kubernetes\n");
      const notReady = await health.notReady();
      const text = JSON.stringify({ ...report, ...(notReady !== undefined && { notReady }) } satisfies NodeReport);
      response.writeHead(200, { "content-type": "application/json" }).end(text);
    },
  };
  const paths = Object.keys(routes).join(", ");
  const server = createServer((request, response) => {
    const route = routes[(request.url ?? "").split("?")[0] ?? ""];
    if (request.method !== "GET" || route === undefined) {
      response.writeHead(404).end(`there are ${paths}\n`);
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
