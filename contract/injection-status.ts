// The value of the annotation procview.io/status: what the webhook did, which the agent and people read.

import type { Mode } from "./annotations.ts";
import type { CpuView } from "./cpu-views.ts";

export interface SkippedPart {
  /** Absent where all containers are meant. */
  container?: string;
  /** A path in the container; absent where all files are meant. */
  file?: string;
  /** A code of injection/skip-reasons.ts. */
  reason: string;
}

export interface InjectionStatus {
  version: string;
  mode: Mode | "skip";
  /** Why it is not mounted, where the mode is another than the pod would have by itself. */
  reason?: string;
  /** Paths in containers, mounted by the pod's own volumes. */
  files: readonly string[];
  /** Paths in containers that the agent attaches to running containers. */
  attach: readonly string[];
  cpuView?: CpuView;
  skipped: readonly SkippedPart[];
}

/** The mode that an annotation tells; undefined for one that is absent, or nobody's of ours. */
export function modeOfStatus(text: string | undefined): InjectionStatus["mode"] | undefined {
  if (text === undefined) return undefined;
  try {
    const { mode } = (JSON.parse(text) ?? {}) as Partial<InjectionStatus>;
    return mode === "mount" || mode === "attach" || mode === "skip" ? mode : undefined;
  } catch {
    return undefined;
  }
}
