// Stands in for the API server, for what `procview webhook` asks of it with certificates of its own: namespaces, pods
// by name, and a place for Events. The real one is in test/cluster.

import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface ApiServer {
  /** Writes a kubeconfig that leads here. */
  kubeconfig(file: string): void;
  /** Again does nothing. */
  close(): Promise<void>;
}

export async function startApiServer(namespaces: Readonly<Record<string, object>>): Promise<ApiServer> {
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://localhost");
    const pod = /^\/api\/v1\/namespaces\/([^/]+)\/pods\/([^/]+)$/.exec(pathname);
    if (pod !== null) return answer(response, 200, podOf(pod[1], pod[2]));
    const name = /^\/api\/v1\/namespaces\/([^/]+)$/.exec(pathname)?.[1];
    if (request.method === "POST") return answer(response, 201, { kind: "Event", apiVersion: "v1", metadata: {} });
    // A watch: nothing ever happens.
    if (searchParams.get("watch") === "true") return response.writeHead(200, JSON_TYPE).flushHeaders();
    if (pathname === "/api/v1/namespaces") {
      const items = Object.entries(namespaces).map(namespace);
      return answer(response, 200, {
        kind: "NamespaceList",
        apiVersion: "v1",
        metadata: { resourceVersion: "1" },
        items,
      });
    }
    const found = name === undefined ? undefined : namespaces[name];
    if (name === undefined || found === undefined) return answer(response, 404, NOT_FOUND);
    return answer(response, 200, namespace([name, found]));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    kubeconfig: (file) => writeFileSync(file, JSON.stringify(configOf(`http://127.0.0.1:${port}`))),
    async close() {
      if (!server.listening) return;
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

const JSON_TYPE = { "content-type": "application/json" };
const NOT_FOUND = { kind: "Status", apiVersion: "v1", status: "Failure", reason: "NotFound", code: 404 };

function answer(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, JSON_TYPE).end(JSON.stringify(body));
}

function namespace([name, labels]: readonly [string, object]): object {
  return { kind: "Namespace", apiVersion: "v1", metadata: { name, labels, resourceVersion: "1" } };
}

function podOf(inNamespace: string | undefined, name: string | undefined): object {
  return { kind: "Pod", apiVersion: "v1", metadata: { name, namespace: inNamespace, uid: `uid-of-${name}` } };
}

/** The client takes plain HTTP only where it is told not to verify. */
function configOf(server: string): object {
  return {
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "here", cluster: { server, "insecure-skip-tls-verify": true } }],
    users: [{ name: "nobody", user: {} }],
    contexts: [{ name: "here", context: { cluster: "here", user: "nobody" } }],
    "current-context": "here",
  };
}
