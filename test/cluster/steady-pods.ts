// Pods that do nothing but read all their files, right and without an error: test/mount/programs/steady-reader.c.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { type Readings, readingsOf, sumOf } from "../readings.ts";
import { apply, type Cluster, eventually, get, kubectl } from "./cluster.ts";
import { container, pod } from "./manifests.ts";

const SOURCE = new URL("../mount/programs/steady-reader.c", import.meta.url).pathname;
/** On this machine and, since it is the same, on the node. */
const FOLDER = new URL("../../.cache/steady-reader", import.meta.url).pathname;
const FILES = ["meminfo", "uptime", "stat", "loadavg", "cpuinfo", "swaps", "vmstat"].map((name) => `/proc/${name}`);

export class SteadyPods {
  readonly #cluster: Cluster;
  readonly #namespace: string;
  readonly #names: string[] = [];

  constructor(cluster: Cluster, namespace: string) {
    this.#cluster = cluster;
    this.#namespace = namespace;
    mkdirSync(FOLDER, { recursive: true });
    const built = spawnSync("cc", ["-O2", "-static", "-o", `${FOLDER}/steady-reader`, SOURCE], { encoding: "utf8" });
    assert.equal(built.status, 0, built.stderr);
  }

  /** Starts pods of different sizes; returns when all of them read. */
  async start(count: number): Promise<void> {
    const pods = Array.from({ length: count }, (_, at) => this.#pod(`steady-${at}`, 32 + at));
    this.#names.push(...Array.from({ length: count }, (_, at) => `steady-${at}`));
    apply(this.#cluster, ...pods);
    for (const name of this.#names) await eventually(`${name} reads`, () => this.#phase(name) === "Running");
  }

  /** Ends them and adds up what they found. */
  async end(): Promise<Readings> {
    const found: Readings[] = [];
    for (const name of this.#names) {
      kubectl(this.#cluster, ["exec", "-n", this.#namespace, name, "--", "kill", "-TERM", "1"]);
      await eventually(`${name} ends`, () => ["Succeeded", "Failed"].includes(this.#phase(name)));
      const { stdout } = kubectl(this.#cluster, ["logs", "-n", this.#namespace, name]);
      const readings = readingsOf(stdout);
      assert.ok(readings, `${name} said: ${stdout}`);
      found.push(readings);
    }
    kubectl(this.#cluster, ["delete", "pods", "-n", this.#namespace, ...this.#names.splice(0)]);
    return sumOf(found);
  }

  #phase(name: string): string {
    return get<{ status: { phase: string } }>(this.#cluster, ["get", "pod", "-n", this.#namespace, name]).status.phase;
  }

  #pod(name: string, memoryMib: number): object {
    const resources = { limits: { memory: `${memoryMib}Mi` }, requests: { cpu: "10m" } };
    const command = `exec /reader/steady-reader own ${memoryMib * 1024} ${FILES.join(" ")}`;
    const reader = {
      ...container("app", command, resources),
      volumeMounts: [{ name: "reader", mountPath: "/reader" }],
    };
    const volumes = [{ name: "reader", hostPath: { path: FOLDER, type: "Directory" } }];
    const spec = { initContainers: [], containers: [reader], volumes, restartPolicy: "Never" };
    return pod(name, this.#namespace, spec);
  }
}
