// What a kubelet would do for a pod of a test: its containers run for real, in cgroups named as the kubelet names them,
// and its status tells of them.

import { randomBytes } from "node:crypto";
import { ANNOTATIONS } from "../../contract/annotations.ts";
import type { TestCgroups } from "../mount/cgroups.ts";
import { limitBytes } from "../mount/limit-numbers.ts";
import { startContainer, type TestContainer } from "../mount/test-container.ts";
import type { ApiServer } from "./api-server.ts";

export const NODE = "node-of-this-test";

export interface PodOptions {
  name: string;
  namespace: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  /** Names of its containers. */
  containers?: readonly string[];
  /** Bound before they start, as the runtime does for volumes. */
  bound?: readonly string[];
  /** Where `bound` comes from. */
  mount: string;
  cpus?: number;
  spec?: object;
}

export interface StartedPod extends AsyncDisposable {
  uid: string;
  /** By name. */
  container(name: string): TestContainer;
  /** Its memory limit, by which what it reads is known. */
  limitBytes(name: string): number;
  idOf(name: string): string;
}

/** Of the next container: its limit tells it from others. */
let number = 100;

export async function startPod(server: ApiServer, cgroups: TestCgroups, options: PodOptions): Promise<StartedPod> {
  const { name, namespace, labels, annotations, containers = ["app"], bound = [], mount, cpus, spec } = options;
  server.apply({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace, ...(labels && { labels }), ...(annotations && { annotations }) },
    spec: { nodeName: NODE, containers: containers.map((one) => ({ name: one, image: "none" })), ...spec },
  });
  const { uid } = server.get<{ metadata: { uid: string } }>("pod", name, "-n", namespace).metadata;
  const started = new Map<string, { id: string; limit: number; container: TestContainer }>();
  for (const one of containers) {
    const id = randomBytes(32).toString("hex");
    number += 1;
    const limit = limitBytes(number);
    const cgroup = cgroups.make(`${cgroups.root}/kubepods/burstable/pod${uid}/${id}`, {
      memoryBytes: limit,
      ...(cpus !== undefined && { cpus }),
    });
    started.set(one, { id, limit, container: await startContainer({ cgroup, mount, files: bound }) });
  }
  const now = new Date().toISOString();
  const containerStatuses = [...started].map(([one, { id }]) => ({
    name: one,
    image: "none",
    imageID: "",
    ready: true,
    restartCount: 0,
    containerID: `containerd://${id}`,
    state: { running: { startedAt: now } },
  }));
  setStatus(server, { name, namespace }, { phase: "Running", containerStatuses });
  const of = (one: string) => {
    const found = started.get(one);
    if (found === undefined) throw new Error(`no container ${one}`);
    return found;
  };
  return {
    uid,
    container: (one) => of(one).container,
    limitBytes: (one) => of(one).limit,
    idOf: (one) => of(one).id,
    async [Symbol.asyncDispose]() {
      for (const { container } of started.values()) await container[Symbol.asyncDispose]();
    },
  };
}

export function setStatus(
  server: ApiServer,
  { name, namespace }: { name: string; namespace: string },
  status: object,
): void {
  const pod = server.get<object>("pod", name, "-n", namespace);
  const path = `/api/v1/namespaces/${namespace}/pods/${name}/status`;
  server.kubectl(["replace", "--raw", path, "-f", "-"], { ...pod, status });
}

/** What the webhook leaves on a pod. */
export function statusAnnotation(mode: "mount" | "attach"): Record<string, string> {
  const value = { version: "0.0.0", mode, files: [], attach: [], skipped: [] };
  return { [ANNOTATIONS.status.key]: JSON.stringify(value) };
}
