// While the agent serves, containers' files are kept as they should be: what is stale or the host's is replaced, and what
// runtimes refuse to bind is added where a container has opted in by having any file of ours.

import { Attacher } from "../attach/attacher.ts";
import { Healer } from "../attach/healer.ts";
import { KnownOwners } from "../attach/known-owners.ts";
import { stateAfter } from "../attach/outcomes.ts";
import type { ContainerReport } from "../attach/round.ts";
import { containerState } from "../attach/states.ts";
import { asTheyAreAndComplete } from "../attach/wanted.ts";
import { Containers } from "../container/containers.ts";
import { findHierarchies } from "../container/hierarchies.ts";
import { ContainerResolver } from "../container/resolve-container.ts";
import { HostFiles } from "../host/host-files.ts";
import { mountSource } from "../session/mount-names.ts";
import type { AttachMetrics, RoundFigures } from "../telemetry/attach-metrics.ts";
import type { Logger } from "../telemetry/log.ts";
import type { Companion } from "./run-agent.ts";

/** What is well: everything else is worth a line, once a container. */
const WELL = new Set(["kept", "attached", "reattached", "replaced", "detached"]);

export function healing(mountRoot: string, inHostNamespace: boolean, log: Logger, metrics: AttachMetrics): Companion {
  const files = new HostFiles();
  const homePid = inHostNamespace ? 1 : "self";
  const attacher = new Attacher({ homePid });
  const told = new Set<string>();
  const healer: Healer = new Healer({
    files,
    attacher,
    homePid,
    mountRoot,
    source: mountSource(mountRoot),
    owners: new KnownOwners(),
    containers: new Containers(files, new ContainerResolver(files, findHierarchies(files))),
    wanted: asTheyAreAndComplete(files),
    observer: {
      wentRound: (reports, millis) => {
        metrics.went({ ...figuresOf(reports), outcomes: healer.counts, stuckProcesses: attacher.stuck, millis });
        for (const report of reports) tell(log, told, report);
      },
      failed: (error) => {
        metrics.failed();
        log.error({ error: String(error) }, "cannot look after containers");
      },
    },
  });
  return {
    // Not waited for: a node with hundreds of stale containers is ready before they are mended.
    start: async () => void healer.start(),
    stop: () => healer.stop(),
  };
}

function figuresOf(reports: readonly ContainerReport[]): Pick<RoundFigures, "containers" | "files" | "staleFound"> {
  const files = new Map<string, number>();
  const containers = new Map<string, number>();
  let staleFound = 0;
  for (const { places } of reports) {
    const states = places.map(({ state, outcome }) => stateAfter(state, outcome));
    for (const state of states) increment(files, state);
    increment(containers, containerState(states));
    staleFound += places.filter(({ state }) => state === "stale").length;
  }
  return { files, containers, staleFound };
}

function increment(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}

function tell(log: Logger, told: Set<string>, { container, outcome, reason, places }: ContainerReport): void {
  const worst = outcome ?? places.find((place) => place.outcome !== undefined && !WELL.has(place.outcome))?.outcome;
  const line = `${container.id} ${worst}`;
  if (worst === undefined || told.has(line)) return;
  if (told.size > MAX_TOLD) told.clear();
  told.add(line);
  log.warn({ container: container.id, outcome: worst, reason }, "a container's files are not as they should be");
}

const MAX_TOLD = 1000;
