// Which pods want their CPUs counted otherwise: kept, so that the next agent knows before it has heard of any pod.

import { readFileSync, writeFileSync } from "node:fs";
import { CPU_VIEWS } from "../../contract/cpu-views.ts";
import type { PodCpuView } from "../render/pod-cpu-views.ts";

/** None where there is no such file, or none that is understood. */
export function readCpuViews(file: string): PodCpuView[] {
  try {
    return (JSON.parse(readFileSync(file, "utf8")) as PodCpuView[]).filter(
      ([uid, view]) => /^[0-9a-f-]{36}$/.test(uid) && CPU_VIEWS.includes(view),
    );
  } catch {
    return [];
  }
}

export function writeCpuViews(file: string, views: readonly PodCpuView[]): void {
  writeFileSync(file, JSON.stringify(views), { mode: 0o600 });
}
