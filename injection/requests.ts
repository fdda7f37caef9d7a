// What the annotations of a pod ask for, and what in them means nothing.

import { ANNOTATIONS, MODES } from "../contract/annotations.ts";
import { CPU_VIEWS, type CpuView } from "../contract/cpu-views.ts";
import { FILE_NAMES, pathOfName, RUNTIME_FILES } from "../contract/file-names.ts";
import type { SkippedPart } from "../contract/injection-status.ts";
import { annotationsOf, containersOf, type Labels, type Pod } from "./pod.ts";
import type { Policy } from "./policy.ts";
import type { PartSkipReason } from "./skip-reasons.ts";

export interface Requests {
  /** Paths of the tree that a runtime mounts. */
  files: readonly string[];
  /** Paths of the tree that only the agent can place. */
  onlyAttach: readonly string[];
  excludedContainers: readonly string[];
  cpuView?: CpuView;
  skipped: readonly SkippedPart[];
  warnings: readonly string[];
}

export function requestsOf(pod: Pod, policy: Policy): Requests {
  const annotations = annotationsOf(pod);
  const asked = listOf(annotations, ANNOTATIONS.files.key);
  const paths = asked?.map(pathOfName) ?? policy.files;
  const files = policy.files.filter((path) => paths.includes(path));
  const unknown = asked?.filter((name) => pathOfName(name) === undefined) ?? [];
  const absentFiles = paths.filter((path) => path !== undefined).filter((path) => !policy.files.includes(path));
  const excludedContainers = listOf(annotations, ANNOTATIONS.excludeContainers.key) ?? [];
  const names = containersOf(pod.spec ?? {}).map(({ container }) => container.name);
  const absent = excludedContainers.filter((name) => !names.includes(name));
  return {
    files: files.filter((path) => isVolume(path, policy)),
    onlyAttach: files.filter((path) => !isVolume(path, policy)),
    excludedContainers,
    ...cpuViewOf(annotations),
    skipped: [
      ...unknown.map((file) => ({ file, reason: "unknownFile" satisfies PartSkipReason })),
      ...absentFiles.map((path) => ({ file: `/${path}`, reason: "notServed" satisfies PartSkipReason })),
      ...absent.map((container) => ({ container, reason: "unknownContainer" satisfies PartSkipReason })),
    ],
    warnings: [
      ...unknown.map((name) => `${ANNOTATIONS.files.key} names "${name}"; there are ${FILE_NAMES.join(", ")}`),
      ...absent.map((name) => `${ANNOTATIONS.excludeContainers.key} names "${name}", which is no container of the pod`),
      ...unlessOneOf(annotations, ANNOTATIONS.mode.key, MODES),
      ...unlessOneOf(annotations, ANNOTATIONS.cpuView.key, CPU_VIEWS),
    ],
  };
}

function cpuViewOf(annotations: Labels): { cpuView?: CpuView } {
  const cpuView = CPU_VIEWS.find((view) => view === annotations[ANNOTATIONS.cpuView.key]);
  return cpuView === undefined ? {} : { cpuView };
}

function unlessOneOf(annotations: Labels, key: string, values: readonly string[]): string[] {
  const value = annotations[key];
  return value === undefined || values.includes(value) ? [] : [`${key}: "${value}" is none of ${values.join(", ")}`];
}

/** A list with commas; absent is not the same as empty. */
function listOf(annotations: Labels, key: string): string[] | undefined {
  return annotations[key]
    ?.split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
}

function isVolume(path: string, { attachFiles }: Policy): boolean {
  return RUNTIME_FILES.includes(path) && !attachFiles.includes(path);
}
