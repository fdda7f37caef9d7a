// Which object an Event about a review belongs to.

import type { AdmissionRequest } from "../admission-review.ts";
import { isPod } from "../pod-templates.ts";

export interface Involved {
  apiVersion: string;
  kind: string;
  namespace: string;
  name: string;
  /** Unknown for a pod that is being created. */
  uid: string | undefined;
}

/** The controller that makes such pods, or the pod by the name that somebody gave it; nothing for one without a name. */
export function involvedIn({ namespace, name, object }: AdmissionRequest): Involved | undefined {
  if (!isPod(object) || namespace === undefined) return undefined;
  const owner = object.metadata?.ownerReferences?.find(({ controller }) => controller === true);
  if (owner?.kind !== undefined && owner.name !== undefined && owner.uid !== undefined) {
    return { apiVersion: owner.apiVersion ?? "v1", kind: owner.kind, namespace, name: owner.name, uid: owner.uid };
  }
  const podName = object.metadata?.name ?? name;
  return podName ? { apiVersion: "v1", kind: "Pod", namespace, name: podName, uid: undefined } : undefined;
}
