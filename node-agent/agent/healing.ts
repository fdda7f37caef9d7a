// While the agent serves, containers' files are kept as they should be: what is stale or the host's is replaced, and what
// runtimes refuse to bind is added where a container has opted in by having any file of ours.

import { Attacher } from "../attach/attacher.ts";
import { Healer } from "../attach/healer.ts";
import type { ContainerReport } from "../attach/round.ts";
import { asTheyAreAndComplete } from "../attach/wanted.ts";
import { Containers } from "../container/containers.ts";
import { findHierarchies } from "../container/hierarchies.ts";
import { ContainerResolver } from "../container/resolve-container.ts";
import { HostFiles } from "../host/host-files.ts";
import { mountSource } from "../session/mount-names.ts";
import type { AttachMetrics } from "../telemetry/attach-metrics.ts";
import type { Logger } from "../telemetry/log.ts";
import type { Companion } from "./run-agent.ts";

/** What is well: everything else is worth a line, once a container. */
const WELL = new Set(["kept", "attached", "reattached", "replaced", "detached"]);

/** `homePid` is a process of the mount namespace in which the tree is mounted at `mountRoot`. */
export function healing(mountRoot: string, homePid: number | "self", log: Logger, metrics: AttachMetrics): Companion {
  const files = new HostFiles();
  const attacher = new Attacher({ homePid });
  const told = new Set<string>();
  const healer: Healer = new Healer({
    files,
    attacher,
    homePid,
    mountRoot,
    source: mountSource(mountRoot),
    containers: new Containers(files, new ContainerResolver(files, findHierarchies(files))),
    wanted: asTheyAreAndComplete(files),
    observer: {
      wentRound: (reports, millis) => {
        metrics.went({
          containers: reports.length,
          files: filesByState(reports),
          outcomes: healer.counts,
          stuckProcesses: attacher.stuck,
          millis,
        });
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

function filesByState(reports: readonly ContainerReport[]): Map<string, number> {
  const states = new Map<string, number>();
  for (const { places } of reports) {
    for (const { state } of places) states.set(state, (states.get(state) ?? 0) + 1);
  }
  return states;
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
