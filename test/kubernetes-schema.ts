// What an API server would say of a pod: the schema of the oldest and of the newest supported version, and the rules of
// validation that a schema cannot say; https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/core/validation

import type { ValidateFunction } from "ajv";
import { validate as validateNewest } from "kubernetes-models/_schemas/IoK8sApiCoreV1Pod";
import { oldestPod as validateOldest } from "./object-schema.ts";

const newest = validateNewest as ValidateFunction;

interface AnyPod {
  spec: {
    volumes?: { name: string }[] | null;
    containers: AnyContainer[];
    initContainers?: AnyContainer[] | null;
  };
}

interface AnyContainer {
  name: string;
  volumeMounts?: { name: string; mountPath: string }[] | null;
}

/** An API server reads null as absent, the schemas do not. */
export function withoutNulls<Value>(value: Value): Value {
  return JSON.parse(JSON.stringify(value, (_key, member) => member ?? undefined));
}

/** What is wrong with a pod; nothing where it would be accepted. */
export function faultsOf(given: object): string[] {
  const pod = withoutNulls(given);
  const faults: string[] = [];
  if (!validateOldest(pod)) faults.push(...(validateOldest.errors ?? []).map((error) => `1.20: ${describe(error)}`));
  if (!newest(pod)) faults.push(...(newest.errors ?? []).map((error) => `newest: ${describe(error)}`));
  return [...faults, ...ruleFaultsOf(pod as AnyPod)];
}

function ruleFaultsOf({ spec }: AnyPod): string[] {
  const volumes = (spec.volumes ?? []).map(({ name }) => name);
  return [
    ...twice(volumes).map((name) => `two volumes are named ${name}`),
    ...volumes.filter((name) => !/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(name)).map((name) => `volume "${name}"`),
    ...[...spec.containers, ...(spec.initContainers ?? [])].flatMap(({ name, volumeMounts }) => [
      ...twice((volumeMounts ?? []).map(({ mountPath }) => mountPath)).map(
        (path) => `${name}: ${path} is mounted twice`,
      ),
      ...(volumeMounts ?? []).filter((m) => !volumes.includes(m.name)).map((m) => `${name}: no volume ${m.name}`),
    ]),
  ];
}

function twice(items: readonly string[]): string[] {
  return items.filter((item, index) => items.indexOf(item) !== index);
}

function describe({ instancePath, message }: { instancePath: string; message?: string }): string {
  return `${instancePath} ${message}`;
}
