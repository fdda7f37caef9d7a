// /proc/PID/cgroup, as cgroups(7): "hierarchy-id:controllers:path" a line; "0::path" is the unified hierarchy.

import { linesOf, ParseError } from "./parse-error.ts";

export interface PidCgroup {
  /** Controllers of a v1 hierarchy, such as ["cpu", "cpuacct"] or ["name=systemd"]; none for the unified one. */
  controllers: readonly string[];
  path: string;
}

/** Throws ParseError for another shape. */
export function parsePidCgroup(text: string): PidCgroup[] {
  return linesOf(text).map((line) => {
    const match = /^\d+:([^:]*):(\/.*)$/.exec(line);
    if (match === null) throw new ParseError("PID/cgroup", line, "id:controllers:path");
    const controllers = (match[1] as string).split(",").filter((controller) => controller !== "");
    return { controllers, path: match[2] as string };
  });
}
