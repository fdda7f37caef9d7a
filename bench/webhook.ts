// `npm run bench:webhook`: reviews over TLS with keep-alive from autocannon, at a fixed rate and as many as there can be,
// against the server in a process of its own on one CPU; its memory meanwhile. Writes docs/webhook-performance.md.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { cpus, loadavg, release } from "node:os";
import autocannon from "autocannon";
import { POD, reviewOf } from "../test/webhook-harness.ts";
import { type Measured, reportOf } from "./report/webhook-report.ts";

const REPORT = new URL("../docs/webhook-performance.md", import.meta.url);
const SERVER = new URL("webhook-server.ts", import.meta.url).pathname;
const SECONDS = Number(process.env["BENCH_SECONDS"] ?? 30);
const CONNECTIONS = 10;

/** What an API server sends of a pod that a controller made: about 4 KB. */
const review = reviewOf({
  ...POD,
  metadata: {
    ...POD.metadata,
    labels: { app: "web" },
    managedFields: Array.from({ length: 20 }, (_, n) => ({ manager: `m${n}`, fieldsV1: { "f:spec": { "f:x": {} } } })),
  },
  spec: {
    volumes: [{ name: "token", projected: { sources: [{ serviceAccountToken: { path: "token" } }] } }],
    containers: ["app", "proxy", "logs"].map((name) => ({
      name,
      image: "registry.example.com/team/image:1.2.3",
      env: Array.from({ length: 10 }, (_, n) => ({ name: `VARIABLE_${n}`, value: "a value" })),
      volumeMounts: [{ name: "token", mountPath: "/var/run/secrets/kubernetes.io/serviceaccount", readOnly: true }],
    })),
  },
});

const loadBefore = loadavg()[0] ?? 0;
const server = await startServer();
await load({ seconds: 5 });
const idleKib = rssKib(server.child);
const measured: Measured[] = [];
for (const [name, rate] of [
  ["500 a second", 500],
  ["as many as there can be", undefined],
] as const) {
  measured.push({ name, ...(await load({ seconds: SECONDS, ...(rate && { rate }) })), rssKib: rssKib(server.child) });
}
server.child.kill("SIGTERM");
await once(server.child, "exit");
const text = reportOf(measured, {
  idleKib,
  seconds: SECONDS,
  connections: CONNECTIONS,
  reviewBytes: review.length,
  machine: `${cpus()[0]?.model ?? "unknown"}, ${cpus().length} CPUs, Linux ${release()}, Node ${process.versions.node}`,
  pinned: server.pinned,
  loadBefore,
});
writeFileSync(REPORT, text);
process.stdout.write(text);

/** On the last CPU, where taskset is there; the load comes from the others. */
async function startServer(): Promise<{ child: ChildProcess; port: number; pinned: boolean }> {
  const pinned = cpus().length > 1;
  const command = [process.execPath, SERVER];
  const child = pinned
    ? spawn("taskset", ["-c", String(cpus().length - 1), ...command], { stdio: ["ignore", "pipe", "inherit"] })
    : spawn(process.execPath, [SERVER], { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = await once(child.stdout, "data");
  return { child, port: Number(line), pinned };
}

async function load({ seconds, rate }: { seconds: number; rate?: number }): Promise<Omit<Measured, "name" | "rssKib">> {
  const result = await autocannon({
    url: `https://127.0.0.1:${server.port}/mutate`,
    method: "POST",
    headers: { "content-type": "application/json" },
    body: review,
    connections: CONNECTIONS,
    duration: seconds,
    ...(rate === undefined ? {} : { overallRate: rate }),
  });
  const { requests, latency, errors, non2xx } = result;
  return {
    perSecond: requests.total / result.duration,
    failed: errors + non2xx,
    p50Millis: latency.p50,
    p99Millis: latency.p99,
    maxMillis: latency.max,
  };
}

function rssKib({ pid }: ChildProcess): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);
}
