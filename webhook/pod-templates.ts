// Where pods are in objects of any kind: the pod itself, the template of a workload, the items of a List.

import type { Pod } from "../injection/pod.ts";
import { pointer } from "./json-patch.ts";

export interface PodTemplate {
  /** "Deployment/web" */
  owner: string;
  namespace: string | undefined;
  /** JSON Pointer from the object to the pod; "" for the object itself. */
  path: string;
  pod: Pod;
}

/** Pod, PodTemplate, all workloads (also those of others, as Argo's Rollout), CronJob. */
const PLACES: readonly (readonly string[])[] = [
  [],
  ["template"],
  ["spec", "template"],
  ["spec", "jobTemplate", "spec", "template"],
];

export function podTemplatesOf(object: unknown): PodTemplate[] {
  if (!isObject(object)) return [];
  const items = object["kind"] === "List" && Array.isArray(object["items"]) ? object["items"] : undefined;
  if (items !== undefined) {
    return items.flatMap((item, index) =>
      podTemplatesOf(item).map((found) => ({ ...found, path: pointer("items", index) + found.path })),
    );
  }
  const metadata = isObject(object["metadata"]) ? object["metadata"] : {};
  const owner = `${object["kind"] ?? "object"}/${metadata["name"] ?? metadata["generateName"] ?? "(unnamed)"}`;
  const namespace = typeof metadata["namespace"] === "string" ? metadata["namespace"] : undefined;
  return PLACES.flatMap((place) => {
    const pod = place.reduce<unknown>((value, key) => (isObject(value) ? value[key] : undefined), object);
    return isPod(pod) ? [{ owner, namespace, path: pointer(...place), pod }] : [];
  });
}

/** Enough of the shape that decisions can read it; all else the API server judges. */
export function isPod(value: unknown): value is Pod {
  if (!isObject(value) || !isObject(value["spec"])) return false;
  const { spec, metadata } = value;
  if (!Array.isArray(spec["containers"]) || !isListOf(spec["initContainers"], isContainer)) return false;
  if (!isListOf(spec["containers"], isContainer) || !isListOf(spec["volumes"], isObject)) return false;
  return (
    metadata == null || (isObject(metadata) && isStrings(metadata["labels"]) && isStrings(metadata["annotations"]))
  );
}

function isContainer(value: unknown): boolean {
  return isObject(value) && isListOf(value["volumeMounts"], isObject) && isListOf(value["volumeDevices"], isObject);
}

function isListOf(value: unknown, isItem: (item: unknown) => boolean): boolean {
  return value == null || (Array.isArray(value) && value.every(isItem));
}

function isStrings(value: unknown): boolean {
  return value == null || (isObject(value) && Object.values(value).every((item) => typeof item === "string"));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
