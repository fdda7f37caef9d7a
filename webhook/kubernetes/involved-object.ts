// Which object an Event about a review belongs to.

import type { Involved } from "../../injection/event-body.ts";
import type { AdmissionRequest } from "../admission-review.ts";
import { isPod } from "../pod-templates.ts";

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
