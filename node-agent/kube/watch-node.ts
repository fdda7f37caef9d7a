// The two watches of an agent: pods of its node, and the labels of namespaces.

import type { OptInLabel } from "../../contract/labels.ts";
import { POD_SECURITY_LABEL } from "../../contract/labels.ts";
import { type ApiClient, METADATA_ONLY, METADATA_ONLY_WATCH } from "./api-client.ts";
import type { NamespaceSlice, Pods } from "./pods.ts";
import { type RunningPod, runningPodOf } from "./running-pod.ts";
import { type RestartReason, watch } from "./watch.ts";

export type Resource = "pods" | "namespaces";

export interface NodeWatchObserver {
  /** A list or a change has come. */
  heard(): void;
  /** The server tells of changes from now on. */
  following(resource: Resource): void;
  /** Of every pod that is there or has changed. */
  sawPod(pod: RunningPod): void;
  restarted(resource: Resource, reason: RestartReason, error: unknown): void;
}

export interface NodeWatchOptions {
  client: ApiClient;
  node: string;
  labels: readonly OptInLabel[];
  pods: Pods;
  observer: NodeWatchObserver;
}

/** Runs until the signal. */
export async function watchNode(options: NodeWatchOptions, signal: AbortSignal): Promise<void> {
  await Promise.all([watchPods(options, signal), watchNamespaces(options, signal)]);
}

function watchPods({ client, node, pods, observer }: NodeWatchOptions, signal: AbortSignal): Promise<void> {
  const { heard, sawPod, following, restarted } = observer;
  const watched = {
    listed: (all: readonly RunningPod[]) => {
      pods.podsListed(all);
      heard();
      for (const pod of all) sawPod(pod);
    },
    changed: (pod: RunningPod) => {
      pods.podChanged(pod);
      heard();
      sawPod(pod);
    },
    removed: (pod: RunningPod) => {
      pods.podRemoved(pod);
      heard();
    },
    following: () => following("pods"),
    restarted: (reason: RestartReason, error: unknown) => restarted("pods", reason, error),
  };
  const query = { fieldSelector: `spec.nodeName=${node}` };
  return watch(client, { path: "/api/v1/pods", query, slice: runningPodOf, watched }, signal);
}

function watchNamespaces({ client, labels, pods, observer }: NodeWatchOptions, signal: AbortSignal): Promise<void> {
  const keys = [POD_SECURITY_LABEL, ...labels.map(({ key }) => key)];
  const { heard, following, restarted } = observer;
  const watched = {
    listed: (all: readonly NamespaceSlice[]) => {
      pods.namespacesListed(all);
      heard();
    },
    changed: (namespace: NamespaceSlice) => {
      pods.namespaceChanged(namespace);
      heard();
    },
    removed: (namespace: NamespaceSlice) => {
      pods.namespaceRemoved(namespace);
      heard();
    },
    following: () => following("namespaces"),
    restarted: (reason: RestartReason, error: unknown) => restarted("namespaces", reason, error),
  };
  const accept = { list: METADATA_ONLY, watch: METADATA_ONLY_WATCH };
  const slice = (object: unknown): NamespaceSlice => namespaceOf(object, keys);
  return watch(client, { path: "/api/v1/namespaces", accept, slice, watched }, signal);
}

/** Labels that nothing here reads are not kept. */
function namespaceOf(object: unknown, keys: readonly string[]): NamespaceSlice {
  const { metadata } = object as { metadata?: { name?: string; labels?: Record<string, string> | null } };
  const labels = Object.entries(metadata?.labels ?? {}).filter(([key]) => keys.includes(key));
  return { name: metadata?.name ?? "", labels: Object.fromEntries(labels) };
}
