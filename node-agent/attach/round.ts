// One round through containers: plans for each from mountinfo alone, and visits those where there is something to do.

import { type Container, pressureFileOf } from "../container/container.ts";
import type { HostFiles } from "../host/host-files.ts";
import { type Mount, parseMountinfo } from "../procfs/mountinfo.ts";
import type { Attacher } from "./attacher.ts";
import type { FoundContainer } from "./find-containers.ts";
import type { PlaceResult, VisitAnswer, VisitRequest } from "./messages.ts";
import { DONE, type Outcome, reasonToLeave } from "./outcomes.ts";
import { ALL_PATHS, isAttachable, isOurs, type Served, treePath } from "./placement.ts";
import { type PlaceToPlan, plan } from "./plan.ts";
import { findServed, type HomeMounts } from "./served.ts";

export interface Surroundings {
  files: HostFiles;
  attacher: Attacher;
  /** A process of the namespace in which the tree is mounted. */
  homePid: number | "self";
  /** Where the tree is mounted, and the source of its mounts. */
  mountRoot: string;
  source: string;
}

/**
 * Paths of the tree that a container should have, and no others of ours; undefined: those it has, kept alive.
 * `present` are those it has, of whatever session.
 */
export type Wanted = (container: Container, present: readonly string[]) => readonly string[] | undefined;

export interface Round {
  wanted: Wanted;
  /** Where the container's root is in its namespace, but for one whose runtime has not moved there yet. */
  base?: string;
  /** Nothing is changed. */
  lookOnly?: boolean;
}

export interface ContainerReport extends FoundContainer {
  places: readonly PlaceResult[];
  /** Set where it could not be visited at all. */
  outcome?: Outcome;
  reason?: string;
}

/** Reports on every container in which a file of ours is or should be. */
export async function goRound(
  surroundings: Surroundings,
  found: readonly FoundContainer[],
  round: Round,
): Promise<ContainerReport[]> {
  const { reports, toVisit } = sort(surroundings, found, round);
  const answers = await surroundings.attacher.visitAll(toVisit.map(({ request }) => request));
  for (const [index, { one }] of toVisit.entries()) {
    const { places, outcome, reason } = answers[index] as VisitAnswer;
    reports.push({ ...one, places, ...(outcome && { outcome }), ...(reason && { reason }) });
  }
  return reports;
}

interface Sorted {
  /** Of those where all is as it should be. */
  reports: ContainerReport[];
  toVisit: { one: FoundContainer; request: VisitRequest }[];
}

function sort(surroundings: Surroundings, found: readonly FoundContainer[], round: Round): Sorted {
  const { files, homePid, mountRoot, source } = surroundings;
  const home = findServed(files, homePid, mountRoot, source);
  const sorted: Sorted = { reports: [], toVisit: [] };
  for (const one of found) {
    const mountinfo = files.textIfAny(`proc/${one.subject.pid}/mountinfo`);
    // It is gone.
    if (mountinfo === undefined) continue;
    const mounts = parseMountinfo(mountinfo);
    const request = requestFor(surroundings, home, one, { ...round, present: presentPaths(mounts, home.served) });
    const places = planned(mounts, request);
    if (!round.lookOnly && places.some(isWork)) sorted.toVisit.push({ one, request });
    else if (places.length > 0) sorted.reports.push({ ...one, places: places.map(settled) });
  }
  return sorted;
}

function requestFor(
  { files, mountRoot }: Surroundings,
  { served, sharedWithHost }: HomeMounts,
  { subject, container }: FoundContainer,
  { wanted, base = "", present }: Round & { present: readonly string[] },
): VisitRequest {
  return {
    subject,
    wishes: { files: wanted(container, present), base, key: container.key },
    served,
    mountRoot,
    procfs: files.roots.procfs,
    pressureFiles: pressureFiles(files, container),
    sharedWithHost,
  };
}

function pressureFiles(files: HostFiles, container: Container): Record<string, string> {
  return Object.fromEntries(
    ALL_PATHS.flatMap((path) => {
      const own = pressureFileOf(container, path);
      return own !== undefined && files.has(own) ? [[path, own]] : [];
    }),
  );
}

function presentPaths(mounts: readonly Mount[], served: Served): string[] {
  return mounts
    .filter((mount) => isOurs(mount, served))
    .map(treePath)
    .filter(isAttachable);
}

function planned(mounts: readonly Mount[], request: VisitRequest): PlaceToPlan[] {
  const { wishes, served, sharedWithHost } = request;
  return plan(mounts, wishes, { served, sharedWithHost: new Set(sharedWithHost) });
}

function isWork({ action }: PlaceToPlan): boolean {
  return action !== "keep" && action !== "leave";
}

function settled({ path, target, state, action }: PlaceToPlan): PlaceResult {
  if (action === "keep") return { path, target, state, outcome: DONE.keep };
  return { path, target, state, ...(action === "leave" && { outcome: reasonToLeave(state) }) };
}
