// Has every agent clean its node, and waits until each has answered. Agents come and go meanwhile: a pod that is new is
// asked as well, and one that is gone is waited for no more, since its node has no agent to answer.

import { setTimeout as sleep } from "node:timers/promises";
import { AdmissionregistrationV1Api, AppsV1Api, PatchStrategy, setHeaderOptions } from "@kubernetes/client-node";
import { ANNOTATIONS } from "../../contract/annotations.ts";
import { UNINSTALL } from "../../contract/uninstall.ts";
import { asked, type Cluster, isNotFound } from "./api.ts";

const POLL_MILLIS = 500;

export interface UninstallOptions {
  namespace: string;
  daemonset: string;
  timeoutMillis: number;
  /** Deleted first, so that no new pod is injected. */
  webhookConfiguration: string | undefined;
}

export interface AgentAnswer {
  pod: string;
  node: string;
  /** "done", "failed: ..." or undefined while it has not answered. */
  answer: string | undefined;
}

/** The answers of all agents there are at the end: all have answered, or the time is over. */
export async function uninstall(cluster: Cluster, options: UninstallOptions): Promise<AgentAnswer[]> {
  const { namespace, webhookConfiguration, timeoutMillis } = options;
  if (webhookConfiguration !== undefined) await deleteConfiguration(cluster, webhookConfiguration);
  const labelSelector = await selectorOf(cluster, options);
  if (labelSelector === undefined) return [];
  const askedPods = new Set<string>();
  for (const end = performance.now() + timeoutMillis; ; await sleep(POLL_MILLIS)) {
    const { items } = await asked("pods", cluster.core.listNamespacedPod({ namespace, labelSelector }));
    const living = items.filter(({ metadata, status }) => !metadata?.deletionTimestamp && status?.phase !== "Failed");
    for (const { metadata } of living) {
      const { name = "", uid = "" } = metadata ?? {};
      if (askedPods.has(uid)) continue;
      askedPods.add(uid);
      await request(cluster, namespace, name);
    }
    const answers = living.map(({ metadata, spec }) => ({
      pod: metadata?.name ?? "",
      node: spec?.nodeName ?? "",
      answer: answerIn(
        askedPods.has(metadata?.uid ?? "") ? metadata?.annotations?.[ANNOTATIONS.uninstall.key] : undefined,
      ),
    }));
    if (answers.every(({ answer }) => answer !== undefined) || performance.now() > end) return answers;
  }
}

function answerIn(value: string | undefined): string | undefined {
  return value === undefined || value === UNINSTALL.requested ? undefined : value;
}

/** The DaemonSet's own; undefined where there is none any more. */
async function selectorOf({ config }: Cluster, { namespace, daemonset: name }: UninstallOptions) {
  const reading = config.makeApiClient(AppsV1Api).readNamespacedDaemonSet({ namespace, name });
  const found = await asked(`DaemonSet ${namespace}/${name}`, unlessNotFound(reading));
  const labels = found?.spec?.selector.matchLabels;
  return (
    labels &&
    Object.entries(labels)
      .map(([key, value]) => `${key}=${value}`)
      .join(",")
  );
}

async function deleteConfiguration({ config }: Cluster, name: string): Promise<void> {
  const api = config.makeApiClient(AdmissionregistrationV1Api);
  await asked(`MutatingWebhookConfiguration ${name}`, unlessNotFound(api.deleteMutatingWebhookConfiguration({ name })));
}

/** Also of one that failed before: it tries again. */
async function request({ core }: Cluster, namespace: string, name: string): Promise<void> {
  const body = { metadata: { annotations: { [ANNOTATIONS.uninstall.key]: UNINSTALL.requested } } };
  const options = setHeaderOptions("Content-Type", PatchStrategy.MergePatch);
  await asked(`pod ${namespace}/${name}`, unlessNotFound(core.patchNamespacedPod({ namespace, name, body }, options)));
}

async function unlessNotFound<Value>(answer: Promise<Value>): Promise<Value | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}
