// Which file goes into which container, by which volume: a decision per container and per path, so that containers
// which other webhooks add later get theirs at the next call, and nothing is added twice.

import { treeBelow } from "../contract/host-paths.ts";
import type { SkippedPart } from "../contract/injection-status.ts";
import { inTheWay, isThere, normalPath } from "./mounts-in-the-way.ts";
import { type Container, type ContainerList, containersOf, type PodSpec } from "./pod.ts";
import type { Requests } from "./requests.ts";
import type { PartSkipReason } from "./skip-reasons.ts";
import { type FileVolume, volumeOf } from "./volumes.ts";

export interface FileMount {
  name: string;
  mountPath: string;
  readOnly: true;
}

/** Mounts that a container lacks. */
export interface Placement {
  list: ContainerList;
  index: number;
  mounts: readonly FileMount[];
}

export interface Placements {
  /** Volumes that the pod lacks. */
  volumes: readonly FileVolume[];
  placements: readonly Placement[];
  /** Paths in containers that at least one container has, or gets. */
  files: readonly string[];
  skipped: readonly SkippedPart[];
}

export function placeFiles(spec: PodSpec, requests: Requests, root: string): Placements {
  const taken = spec.volumes ?? [];
  const volumes = requests.files.map((path) => ({ path: `/${path}`, volume: volumeOf(path, root, taken) }));
  const ours = new Set(volumes.map(({ volume }) => volume.name));
  const perContainer = containersOf(spec).map(({ list, index, container }) => {
    const reason = leaveAlone(container, requests);
    if (reason !== undefined) return { list, index, there: [], mounts: [], skipped: [named(container, { reason })] };
    return { list, index, ...placeIn(container, volumes, ours) };
  });
  const used = new Set(perContainer.flatMap(({ mounts }) => mounts.map(({ name }) => name)));
  const files = new Set(perContainer.flatMap(({ there, mounts }) => [...there, ...mounts.map((m) => m.mountPath)]));
  return {
    volumes: volumes
      .map(({ volume }) => volume)
      .filter(({ name }) => used.has(name) && !taken.some((volume) => volume.name === name)),
    placements: perContainer
      .filter(({ mounts }) => mounts.length > 0)
      .map(({ list, index, mounts }) => ({ list, index, mounts })),
    files: volumes.map(({ path }) => path).filter((path) => files.has(path)),
    skipped: perContainer.flatMap(({ skipped }) => skipped),
  };
}

/** What the agent puts into a container that runs. */
export interface AgentPlacement {
  /** The name of the container; ephemeral ones are among them. */
  container: string | undefined;
  /** Paths of the tree. */
  files: readonly string[];
  skipped: readonly SkippedPart[];
}

/** What is in the way of a volume is in the way of the agent. */
export function placeByAgent(spec: PodSpec, requests: Requests, root: string): AgentPlacement[] {
  const wanted = [...requests.files, ...requests.onlyAttach];
  const ours = ownVolumes(spec, root);
  const all = [...containersOf(spec).map(({ container }) => container), ...(spec.ephemeralContainers ?? [])];
  return all.map((container) => {
    const { name } = container;
    const alone = leaveAlone(container, requests);
    if (alone !== undefined) return { container: name, files: [], skipped: [named(container, { reason: alone })] };
    const reasons = wanted.map((path) => ({ path, reason: inTheWay(`/${path}`, container, ours) }));
    return {
      container: name,
      files: reasons.filter(({ reason }) => reason === undefined).map(({ path }) => path),
      skipped: reasons.flatMap(({ path, reason }) =>
        reason === undefined ? [] : [named(container, { file: `/${path}`, reason })],
      ),
    };
  });
}

/** Paths of the tree that a container has by volumes of its pod, whoever put them there. */
export function mountedByVolumes(spec: PodSpec, container: Container, root: string): string[] {
  const tree = `${treeBelow(root)}/`;
  return (container.volumeMounts ?? []).flatMap(({ name, mountPath }) => {
    const path = (spec.volumes ?? []).find((volume) => volume.name === name)?.hostPath?.path;
    return path?.startsWith(tree) && mountPath !== undefined && normalPath(mountPath) === `/${path.slice(tree.length)}`
      ? [path.slice(tree.length)]
      : [];
  });
}

function ownVolumes({ volumes }: PodSpec, root: string): Set<string> {
  const tree = `${treeBelow(root)}/`;
  return new Set(
    (volumes ?? []).flatMap(({ name, hostPath }) => (hostPath?.path?.startsWith(tree) ? [name ?? ""] : [])),
  );
}

function placeIn(
  container: Container,
  volumes: readonly { path: string; volume: FileVolume }[],
  ours: ReadonlySet<string>,
): { there: string[]; mounts: FileMount[]; skipped: SkippedPart[] } {
  const there: string[] = [];
  const mounts: FileMount[] = [];
  const skipped: SkippedPart[] = [];
  for (const { path, volume } of volumes) {
    const reason = inTheWay(path, container, ours);
    if (isThere(path, container, ours)) there.push(path);
    else if (reason !== undefined) skipped.push(named(container, { file: path, reason }));
    else mounts.push({ name: volume.name, mountPath: path, readOnly: true });
  }
  return { there, mounts, skipped };
}

function leaveAlone({ name, securityContext }: Container, requests: Requests): PartSkipReason | undefined {
  if (name !== undefined && requests.excludedContainers.includes(name)) return "excludedContainer";
  if (securityContext?.procMount === "Unmasked") return "unmaskedProc";
  return undefined;
}

function named({ name }: Container, part: SkippedPart): SkippedPart {
  return { ...(name === undefined ? {} : { container: name }), ...part };
}
