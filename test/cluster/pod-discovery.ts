// Stands in for kubernetes_sd_configs, role pod, which Debian builds its Prometheus without: pods as the API server has
// them, under the names that Prometheus gives what it knows of them, in a file for file_sd_configs.
// https://prometheus.io/docs/prometheus/latest/configuration/configuration/#pod

import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { type Cluster, get } from "./cluster.ts";

export interface PodDiscovery extends AsyncDisposable {
  file: string;
}

interface FoundPod {
  metadata: {
    name: string;
    namespace: string;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
  };
  spec: { nodeName?: string; containers: { name: string; ports?: { containerPort: number }[] }[] };
  status: { podIP?: string; phase: string };
}

const INTERVAL_MILLIS = 2000;

export function startPodDiscovery(cluster: Cluster, namespace: string): PodDiscovery {
  const folder = mkdtempSync(join(tmpdir(), "procview-pods-"));
  const file = join(folder, "pods.json");
  const look = (): void => {
    const { items } = get<{ items: FoundPod[] }>(cluster, ["get", "pods", "-n", namespace]);
    writeFileSync(`${file}.new`, JSON.stringify(items.flatMap(targetsOf)));
    renameSync(`${file}.new`, file);
  };
  const over = new AbortController();
  const looking = (async () => {
    while (!over.signal.aborted) {
      look();
      await setTimeout(INTERVAL_MILLIS);
    }
  })();
  return {
    file,
    async [Symbol.asyncDispose]() {
      over.abort();
      await looking;
      rmSync(folder, { recursive: true });
    },
  };
}

/** One for each port that a container names. */
export function targetsOf({ metadata, spec, status }: FoundPod): { targets: string[]; labels: object }[] {
  if (status.podIP === undefined) return [];
  return spec.containers.flatMap(({ name, ports = [] }) =>
    ports.map(({ containerPort }) => ({
      targets: [`${status.podIP}:${containerPort}`],
      labels: {
        __meta_kubernetes_namespace: metadata.namespace,
        __meta_kubernetes_pod_name: metadata.name,
        __meta_kubernetes_pod_ip: status.podIP,
        __meta_kubernetes_pod_node_name: spec.nodeName ?? "",
        __meta_kubernetes_pod_phase: status.phase,
        __meta_kubernetes_pod_container_name: name,
        __meta_kubernetes_pod_container_port_number: String(containerPort),
        ...prefixed("label", metadata.labels),
        ...prefixed("annotation", metadata.annotations),
      },
    })),
  );
}

/** What is no letter, digit or underscore is one. */
function prefixed(what: string, values: Readonly<Record<string, string>> = {}): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).map(([key, value]) => [
      `__meta_kubernetes_pod_${what}_${key.replaceAll(/[^a-zA-Z0-9_]/g, "_")}`,
      value,
    ]),
  );
}
