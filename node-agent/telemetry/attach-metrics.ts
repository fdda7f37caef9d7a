// Metrics of what is attached to containers. Labels are the words of attach/outcomes.ts and attach/states.ts, all of them
// there from the start, so that a series that never was is none that went missing.

import { Counter, Gauge, type Registry } from "prom-client";
import { OUTCOMES } from "../attach/outcomes.ts";
import { CONTAINER_STATES, STATES } from "../attach/states.ts";

/** How it stood after a round, by state, and how often each outcome came out since the start. */
export interface RoundFigures {
  containers: ReadonlyMap<string, number>;
  files: ReadonlyMap<string, number>;
  outcomes: ReadonlyMap<string, number>;
  /** Files that were found stale, mended since or not. */
  staleFound: number;
  stuckProcesses: number;
  millis: number;
}

export interface AttachMetrics {
  went(figures: RoundFigures): void;
  failed(): void;
}

export function createAttachMetrics(registry: Registry): AttachMetrics {
  const metrics = attachMetrics(registry);
  const { outcomes, files, containers, stale, stuck, seconds, failures } = metrics;
  const counted = new Map<string, number>(OUTCOMES.map((outcome) => [outcome, 0]));
  for (const outcome of OUTCOMES) outcomes.inc({ outcome }, 0);
  for (const state of STATES) files.set({ state }, 0);
  for (const state of CONTAINER_STATES) containers.set({ state }, 0);
  return {
    went(figures) {
      for (const [outcome, count] of figures.outcomes) {
        outcomes.inc({ outcome }, count - (counted.get(outcome) ?? 0));
        counted.set(outcome, count);
      }
      for (const state of STATES) files.set({ state }, figures.files.get(state) ?? 0);
      for (const state of CONTAINER_STATES) containers.set({ state }, figures.containers.get(state) ?? 0);
      stale.inc(figures.staleFound);
      stuck.set(figures.stuckProcesses);
      seconds.set(figures.millis / 1000);
    },
    failed: () => failures.inc(),
  };
}

function attachMetrics(registry: Registry) {
  const registers = [registry];
  return {
    outcomes: new Counter({
      name: "procview_attach_total",
      help: "Files looked after in containers, by what became of them",
      labelNames: ["outcome"],
      registers,
    }),
    files: new Gauge({
      name: "procview_attached_files",
      help: "Files of ours in containers after the last round, by whose they are",
      labelNames: ["state"],
      registers,
    }),
    containers: new Gauge({
      name: "procview_attached_containers",
      help: "Containers that have or should have files of ours after the last round; each is what its worst file is",
      labelNames: ["state"],
      registers,
    }),
    stale: new Counter({
      name: "procview_stale_mounts_found_total",
      help: "Files of a lost session found in containers",
      registers,
    }),
    stuck: new Gauge({
      name: "procview_attach_stuck_processes",
      help: "Processes that were killed in a container and have not ended",
      registers,
    }),
    seconds: new Gauge({ name: "procview_attach_round_seconds", help: "Duration of the last round", registers }),
    failures: new Counter({
      name: "procview_attach_rounds_failed_total",
      help: "Rounds that could not be made",
      registers,
    }),
  };
}
