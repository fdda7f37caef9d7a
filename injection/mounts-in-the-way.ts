// Whether a container has something of the user's own where a file would go. The user's wins, for that path alone.

import type { Container } from "./pod.ts";
import type { PartSkipReason } from "./skip-reasons.ts";

type InTheWay = Extract<PartSkipReason, "userMount" | "userMountAbove" | "userMountBelow">;

/** What of the user's is at `path`, above it or below it; `ours` are the volumes that hold our own files. */
export function inTheWay(path: string, container: Container, ours: ReadonlySet<string>): InTheWay | undefined {
  const taken = [
    ...(container.volumeMounts ?? []).filter(({ name }) => !ours.has(name ?? "")).map(({ mountPath }) => mountPath),
    ...(container.volumeDevices ?? []).map(({ devicePath }) => devicePath),
  ].map((place) => normalPath(place ?? ""));
  if (taken.includes(path)) return "userMount";
  if (taken.some((place) => isBelow(path, place))) return "userMountAbove";
  if (taken.some((place) => isBelow(place, path))) return "userMountBelow";
  return undefined;
}

/** Whether one of our own volumes is at the path already. */
export function isThere(path: string, container: Container, ours: ReadonlySet<string>): boolean {
  return (container.volumeMounts ?? []).some(
    ({ name, mountPath }) => ours.has(name ?? "") && normalPath(mountPath ?? "") === path,
  );
}

/** As the runtime cleans it: "/proc//meminfo/", "proc/./meminfo" and "/proc/x/../meminfo" are "/proc/meminfo". */
export function normalPath(path: string): string {
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return `/${parts.join("/")}`;
}

function isBelow(path: string, parent: string): boolean {
  return path !== parent && path.startsWith(parent === "/" ? "/" : `${parent}/`);
}
