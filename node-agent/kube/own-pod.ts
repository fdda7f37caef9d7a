// The agent's own pod, by which it is told to clean its node, and answers (`procview uninstall`).

import { ANNOTATIONS } from "../../contract/annotations.ts";
import { UNINSTALL } from "../../contract/uninstall.ts";
import { type ApiClient, MERGE_PATCH_TYPE } from "./api-client.ts";
import type { RunningPod } from "./running-pod.ts";

export interface PodName {
  namespace: string;
  name: string;
}

export function isPod(pod: RunningPod, { namespace, name }: PodName): boolean {
  return pod.namespace === namespace && pod.name === name;
}

/** Whether it is told to clean its node. A pod that has done so before and was restarted has to do it again. */
export function isToldToClean({ pod }: RunningPod): boolean {
  const value = pod.metadata?.annotations?.[ANNOTATIONS.uninstall.key];
  return value === UNINSTALL.requested || value === UNINSTALL.done;
}

export async function answer(client: ApiClient, { namespace, name }: PodName, value: string): Promise<void> {
  const body = { metadata: { annotations: { [ANNOTATIONS.uninstall.key]: value } } };
  const path = `/api/v1/namespaces/${namespace}/pods/${name}`;
  await client.call({ method: "PATCH", path, body, bodyType: MERGE_PATCH_TYPE });
}
