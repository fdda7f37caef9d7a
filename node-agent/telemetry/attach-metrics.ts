// Metrics of what is attached to containers: outcomes and states are the words of attach/outcomes.ts and attach/states.ts,
// so that labels are bounded.

import { Counter, Gauge, type Registry } from "prom-client";

/** How it stood after a round: files by state, and how often each outcome came out since the start. */
export interface RoundFigures {
  containers: number;
  files: ReadonlyMap<string, number>;
  outcomes: ReadonlyMap<string, number>;
  stuckProcesses: number;
  millis: number;
}

export interface AttachMetrics {
  went(figures: RoundFigures): void;
  failed(): void;
}

export function createAttachMetrics(registry: Registry): AttachMetrics {
  const registers = [registry];
  const outcomes = new Counter({
    name: "procview_attach_total",
    help: "Files looked after in containers, by what became of them",
    labelNames: ["outcome"],
    registers,
  });
  const files = new Gauge({
    name: "procview_attached_files",
    help: "Files of ours in containers, by whose they were found to be in the last round",
    labelNames: ["state"],
    registers,
  });
  const stale = new Counter({
    name: "procview_stale_mounts_found_total",
    help: "Files of a lost session found in containers",
    registers,
  });
  const containers = new Gauge({
    name: "procview_attached_containers",
    help: "Containers with files of ours",
    registers,
  });
  const stuck = new Gauge({
    name: "procview_attach_stuck_processes",
    help: "Processes that were killed in a container and have not ended",
    registers,
  });
  const seconds = new Gauge({ name: "procview_attach_round_seconds", help: "Duration of the last round", registers });
  const failures = new Counter({
    name: "procview_attach_rounds_failed_total",
    help: "Rounds that could not be made",
    registers,
  });
  const counted = new Map<string, number>();
  return {
    went(figures) {
      for (const [outcome, count] of figures.outcomes) {
        outcomes.inc({ outcome }, count - (counted.get(outcome) ?? 0));
        counted.set(outcome, count);
      }
      files.reset();
      for (const [state, count] of figures.files) files.set({ state }, count);
      stale.inc(figures.files.get("stale") ?? 0);
      containers.set(figures.containers);
      stuck.set(figures.stuckProcesses);
      seconds.set(figures.millis / 1000);
    },
    failed: () => failures.inc(),
  };
}
