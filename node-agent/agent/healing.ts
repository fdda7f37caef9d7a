// While the agent serves, containers' files are kept as they should be: what is stale or the host's is replaced, and what
// is wanted is added. Who wants what is told by pods (kube.ts), or by containers that have opted in by having any file.

import type { Attacher } from "../attach/attacher.ts";
import { Healer } from "../attach/healer.ts";
import type { Outcome } from "../attach/outcomes.ts";
import type { ContainerReport, Wanted } from "../attach/round.ts";
import type { HostFiles } from "../host/host-files.ts";
import type { AttachMetrics } from "../telemetry/attach-metrics.ts";
import type { Logger } from "../telemetry/log.ts";
import type { AgentOptions } from "./agent-options.ts";
import type { Companion } from "./run-agent.ts";
import { surroundingsOf } from "./surroundings.ts";

/** What is well: everything else is worth a line, once a container. */
const WELL = new Set(["kept", "attached", "reattached", "replaced", "detached"]);
const MAX_TOLD = 1000;

export interface HealingOptions {
  agent: Pick<AgentOptions, "root" | "hostMountNamespace">;
  wanted: (files: HostFiles) => Wanted;
  /** Sees what each round reports. */
  wentRound?: (reports: readonly ContainerReport[]) => void;
}

export interface Healing extends Companion {
  /** Goes round now; resolves when a round that began after the call is over. */
  heal(): Promise<void>;
}

export function healing({ agent, wanted, wentRound }: HealingOptions, log: Logger, metrics: AttachMetrics): Healing {
  const surroundings = surroundingsOf(agent);
  const told = new Set<string>();
  const healer: Healer = new Healer({
    ...surroundings,
    wanted: wanted(surroundings.files),
    observer: {
      wentRound: (reports, millis) => {
        metrics.went(figuresOf(reports, healer.counts, surroundings.attacher, millis));
        for (const report of reports) tell(log, told, report);
        wentRound?.(reports);
      },
      failed: (error) => {
        metrics.failed();
        log.error({ error: String(error) }, "cannot look after containers");
      },
    },
  });
  return {
    // Not waited for: a node with hundreds of stale containers is ready before they are mended.
    start: () => void healer.start(),
    stop: () => healer.stop(),
    heal: () => healer.heal(),
  };
}

function figuresOf(
  reports: readonly ContainerReport[],
  outcomes: ReadonlyMap<Outcome, number>,
  attacher: Attacher,
  millis: number,
): Parameters<AttachMetrics["went"]>[0] {
  return {
    containers: reports.length,
    files: filesByState(reports),
    outcomes,
    stuckProcesses: attacher.stuck,
    millis,
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
