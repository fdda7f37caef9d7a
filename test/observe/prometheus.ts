// A Prometheus of Debian's on a port of this machine or of a cluster's node, over a folder of its own.

import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { end } from "../cluster/cluster.ts";
import { until } from "../mount/harness.ts";

export interface Sample {
  labels: Readonly<Record<string, string>>;
  value: number;
}

export interface Series {
  labels: Readonly<Record<string, string>>;
  /** Seconds since 1970 and values. */
  points: readonly (readonly [number, number])[];
}

export interface Alert {
  labels: Readonly<Record<string, string>>;
  annotations: Readonly<Record<string, string>>;
  state: "pending" | "firing";
}

export interface Target {
  labels: Readonly<Record<string, string>>;
  health: "up" | "down" | "unknown";
  lastError: string;
}

export interface Prometheus extends AsyncDisposable {
  query(expr: string): Promise<Sample[]>;
  /** Points every `step` seconds of the `seconds` before `end`, in seconds since 1970. */
  range(expr: string, span: { end: number; seconds: number; step: number }): Promise<Series[]>;
  alerts(): Promise<Alert[]>;
  targets(): Promise<Target[]>;
}

export interface PrometheusOptions {
  /** prometheus.yml, but for the rules. */
  config: object;
  /** Files of rules, as text. */
  rules?: readonly string[];
  /** Before its command and those that ask it, so that they run elsewhere. */
  prefix?: readonly string[];
}

export async function startPrometheus(options: PrometheusOptions): Promise<Prometheus> {
  const { config, rules = [], prefix = [] } = options;
  const listen = `127.0.0.1:${await freePort()}`;
  const folder = mkdtempSync(join(tmpdir(), "procview-prometheus-"));
  const ruleFiles = rules.map((text, index) => {
    const file = join(folder, `rules-${index}.yaml`);
    writeFileSync(file, text);
    return file;
  });
  writeFileSync(join(folder, "prometheus.yml"), JSON.stringify({ ...config, rule_files: ruleFiles }));
  const [program = "", ...args] = [
    ...prefix,
    "prometheus",
    `--config.file=${folder}/prometheus.yml`,
    `--storage.tsdb.path=${folder}/data`,
    `--web.listen-address=${listen}`,
    "--log.level=warn",
  ];
  const child = spawn(program, args, { stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  child.stderr.on("data", (chunk: Buffer) => {
    said += chunk.toString();
  });
  const ask: Ask = (path) => (prefix.length === 0 ? asked : askedAt(prefix))(`http://${listen}${path}`);
  const isReady = () =>
    ask("/-/ready").then(
      ({ status }) => status === 200,
      () => false,
    );
  await until("Prometheus is ready", () => child.exitCode !== null || isReady(), 60_000);
  if (child.exitCode !== null) throw new Error(`Prometheus ended: ${said}`);
  return {
    ...apiOf(ask),
    async [Symbol.asyncDispose]() {
      await end(child);
      rmSync(folder, { recursive: true });
    },
  };
}

interface Answer {
  status: number;
  text: string;
}

type Ask = (path: string) => Promise<Answer>;

async function asked(url: string): Promise<Answer> {
  const response = await fetch(url);
  return { status: response.status, text: await response.text() };
}

const ASK = `fetch(process.argv[1]).then(async (response) =>
  console.log(JSON.stringify({ status: response.status, text: await response.text() })))`;

/** By a process that runs where Prometheus does. */
function askedAt([program = "", ...prefix]: readonly string[]): (url: string) => Promise<Answer> {
  return (url) => {
    const command = [...prefix, process.execPath, "-e", ASK, url];
    const { status, stdout, stderr } = spawnSync(program, command, { encoding: "utf8", maxBuffer: 2 ** 26 });
    return status === 0 ? Promise.resolve(JSON.parse(stdout)) : Promise.reject(new Error(`${url}: ${stderr}`));
  };
}

function apiOf(ask: Ask): Pick<Prometheus, "query" | "range" | "alerts" | "targets"> {
  const get = async (path: string, parameters: Record<string, string> = {}) => {
    const { text } = await ask(`/api/v1/${path}?${new URLSearchParams(parameters)}`);
    const { status, data, error } = JSON.parse(text) as { status: string; data: never; error?: string };
    if (status !== "success") throw new Error(`${path} ${JSON.stringify(parameters)}: ${error}`);
    return data as Record<string, never>;
  };
  return {
    async query(expr) {
      const { result = [] } = (await get("query", { query: expr })) as { result?: Measured<"value">[] };
      return result.map(({ metric, value }) => ({ labels: metric, value: Number(value[1]) }));
    },
    async range(expr, { end, seconds, step }) {
      const asked = { query: expr, start: String(end - seconds), end: String(end), step: String(step) };
      const { result = [] } = (await get("query_range", asked)) as { result?: Measured<"values">[] };
      return result.map(({ metric, values }) => ({
        labels: metric,
        points: values.map(([time, value]) => [time, Number(value)] as const),
      }));
    },
    alerts: async () => (await get("alerts"))["alerts"] ?? [],
    targets: async () => (await get("targets"))["activeTargets"] ?? [],
  };
}

type Point = readonly [number, string];
type Measured<Key extends "value" | "values"> = { metric: Record<string, string> } & Record<
  Key,
  Key extends "value" ? Point : readonly Point[]
>;

/** A port of this machine that nobody listens on now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  return typeof address === "object" && address !== null ? address.port : 0;
}
