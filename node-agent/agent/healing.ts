// While the agent serves, containers' files are kept as they should be: what is stale or the host's is replaced, and what
// is wanted is added. Who wants what is told by pods (kube.ts), or by containers that have opted in by having any file.

import { Healer } from "../attach/healer.ts";
import { stateAfter } from "../attach/outcomes.ts";
import type { ContainerReport, Wanted } from "../attach/round.ts";
import { containerState } from "../attach/states.ts";
import type { HostFiles } from "../host/host-files.ts";
import type { AttachMetrics, RoundFigures } from "../telemetry/attach-metrics.ts";
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
        const { stuck } = surroundings.attacher;
        metrics.went({ ...figuresOf(reports), outcomes: healer.counts, stuckProcesses: stuck, millis });
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
