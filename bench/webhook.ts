// `npm run bench:webhook`: reviews over TLS with keep-alive from hey, evenly at a fixed rate and as many as there can be,
// against the server in a process of its own on one CPU; its memory and CPU time meanwhile. Writes
// docs/webhook-performance.md.

import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, loadavg, release, tmpdir } from "node:os";
import { join } from "node:path";
import { installMissing } from "../test/packages.ts";
import { POD, reviewOf } from "../test/webhook-harness.ts";
import { loadOf } from "./report/hey-output.ts";
import { type Load, type Measured, reportOf } from "./report/webhook-report.ts";

const REPORT = new URL("../docs/webhook-performance.md", import.meta.url);
const SERVER = new URL("webhook-server.ts", import.meta.url).pathname;
const SECONDS = Number(process.env["BENCH_SECONDS"] ?? 30);
const WARM_UP_SECONDS = 10;
const CONNECTIONS = 10;
const RATE = 500;

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

/** Young objects of a review are gone before the next: a small nursery is enough, and saves 90 MiB. */
const NODE_FLAGS = ["--max-semi-space-size=2"];
const COMPILE_CACHE = new URL("../node_modules/.cache/procview", import.meta.url).pathname;

installMissing("bench:webhook", [
  ["hey", "/usr/bin/hey"],
  ["util-linux", "/usr/bin/taskset"],
]);
const folder = mkdtempSync(join(tmpdir(), "procview-bench-"));
const reviewFile = join(folder, "review.json");
writeFileSync(reviewFile, review);

const loadBefore = loadavg()[0] ?? 0;
const server = await startServer();
load({ seconds: WARM_UP_SECONDS });
const idleKib = rssKib(server.child);
const measured: Measured[] = [
  measure("500 a second", { seconds: SECONDS, rate: RATE }),
  measure("as many as there can be", { seconds: SECONDS }),
];
server.child.kill("SIGTERM");
await once(server.child, "exit");
rmSync(folder, { recursive: true });
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

/** On the last CPU, where there is more than one; the load comes from the others. */
async function startServer(): Promise<{ child: ChildProcess; port: number; pinned: boolean }> {
  const pinned = cpus().length > 1;
  const [program = "", ...args] = onCpus(`${cpus().length - 1}`, [process.execPath, ...NODE_FLAGS, SERVER]);
  const env = { ...process.env, NODE_COMPILE_CACHE: COMPILE_CACHE };
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "inherit"], env });
  const [line] = await once(child.stdout, "data");
  return { child, port: Number(line), pinned };
}

function onCpus(list: string, command: readonly string[]): readonly string[] {
  return cpus().length > 1 ? ["taskset", "-c", list, ...command] : command;
}

function measure(name: string, how: { seconds: number; rate?: number }): Measured {
  const before = cpuMicros(server.child);
  const measured = load(how);
  const cpuMicrosPerReview = (cpuMicros(server.child) - before) / measured.reviews;
  return { name, ...measured, cpuMicrosPerReview, rssKib: rssKib(server.child) };
}

/** hey keeps a rate for each connection: each sends when its time has come, and waits for no other. */
function load({ seconds, rate }: { seconds: number; rate?: number }): Load {
  const hey = ["hey", "-m", "POST", "-T", "application/json", "-D", reviewFile];
  const pace = ["-c", `${CONNECTIONS}`, "-z", `${seconds}s`, ...(rate ? ["-q", `${rate / CONNECTIONS}`] : [])];
  const url = `https://127.0.0.1:${server.port}/mutate`;
  const [program = "", ...args] = onCpus(`0-${Math.max(cpus().length - 2, 0)}`, [...hey, ...pace, url]);
  return loadOf(execFileSync(program, args, { encoding: "utf8" }));
}

function rssKib({ pid }: ChildProcess): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);
}

/** User and system time of all its threads; proc_pid_stat(5), in ticks of 10 ms. */
function cpuMicros({ pid }: ChildProcess): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) * 10_000;
}
