// What an API server would say of an object of any kind that the chart makes: by the oldest and by the newest schemas.

import { readFileSync } from "node:fs";
import { Ajv, type ErrorObject, type ValidateFunction } from "ajv";

interface Definition {
  type?: string;
  properties?: Record<string, unknown>;
  additionalProperties?: unknown;
  "x-kubernetes-group-version-kind"?: { group: string; version: string; kind: string }[];
}

export interface KubernetesObject {
  apiVersion: string;
  kind: string;
  metadata: {
    name: string;
    namespace?: string;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
  };
}

const fixture = new URL("fixtures/kubernetes/openapi-1.20.json", import.meta.url);
const definitions: Record<string, Definition> = JSON.parse(readFileSync(fixture, "utf8")).definitions;
// Quantities and ports are written as numbers too, whatever the schema's "string" says.
for (const name of [
  "io.k8s.apimachinery.pkg.api.resource.Quantity",
  "io.k8s.apimachinery.pkg.util.intstr.IntOrString",
]) {
  Object.assign(definitions, { [name]: { type: ["string", "number"] } });
}

/** Definitions of Kubernetes 1.20; `closed`: a field that it does not know is a fault, where an API server drops it. */
function compiler(closed: boolean): (name: string) => ValidateFunction {
  const ajv = new Ajv({
    strict: false,
    formats: { "int-or-string": true, int64: true, int32: true, byte: true, "date-time": true },
  });
  const all = Object.entries(definitions).map(([name, definition]) => [
    name,
    closed && definition.properties !== undefined ? { ...definition, additionalProperties: false } : definition,
  ]);
  ajv.addSchema({ $id: "kubernetes", definitions: Object.fromEntries(all) });
  return (name) => ajv.compile({ $ref: `kubernetes#/definitions/${name}` });
}

export const oldestPod: ValidateFunction = compiler(false)("io.k8s.api.core.v1.Pod");
const closed = compiler(true);

/** Who has the models of an API group. */
const MODELS: Readonly<Record<string, string>> = {
  "cert-manager.io": "@kubernetes-models/cert-manager",
  "monitoring.coreos.com": "@kubernetes-models/prometheus-operator",
};

type Model = new (object: KubernetesObject) => { validate(): void };

function groupVersion(apiVersion: string): [string, string] {
  const [group, version] = apiVersion.split("/");
  return version === undefined ? ["", group ?? ""] : [group ?? "", version];
}

/** Faults by the schema of 1.20, unknown fields included. Kinds of operators are in no API server's. */
export function faultsIn120(object: KubernetesObject): string[] {
  const [group, version] = groupVersion(object.apiVersion);
  const name = Object.keys(definitions).find((each) =>
    definitions[each]?.["x-kubernetes-group-version-kind"]?.some(
      (known) => known.group === group && known.version === version && known.kind === object.kind,
    ),
  );
  if (name === undefined) return [`1.20 has no ${object.apiVersion} ${object.kind}`];
  const validate = closed(name);
  return validate(object) ? [] : described(object, validate.errors);
}

/** Faults by the models of the newest version. */
export async function faultsInNewest(object: KubernetesObject): Promise<string[]> {
  const { apiVersion, kind } = object;
  const [group] = groupVersion(apiVersion);
  const models = await import(`${MODELS[group] ?? "kubernetes-models"}/${apiVersion}/${kind}`);
  try {
    new (models[kind] as Model)(object).validate();
    return [];
  } catch (error) {
    return [`${kind} ${object.metadata.name}: ${error}`];
  }
}

function described({ kind, metadata }: KubernetesObject, errors: ErrorObject[] | null | undefined): string[] {
  return (errors ?? []).map(
    ({ instancePath, message, params }) =>
      `${kind} ${metadata.name}: ${instancePath} ${message} ${JSON.stringify(params)}`,
  );
}
