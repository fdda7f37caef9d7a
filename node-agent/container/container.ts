// What is known of a container: who it is and where its cgroups are. Its numbers are read elsewhere.

import { type Cgroup, directoryOf } from "../cgroup/cgroup.ts";

/** Controllers whose files are read. "cpuacct" is part of cpu on v2; "io" is blkio on v1. */
export const CONTROLLERS = [
  "memory",
  "cpu",
  "cpuacct",
  "cpuset",
  "io",
  "pids",
  "hugetlb",
  "devices",
  "pressure",
] as const;

export type Controller = (typeof CONTROLLERS)[number];

export interface Container {
  key: number;
  /** The runtime's id or name of it. */
  id: string;
  /** Which row of container-rules.ts, or which other rule, said so. */
  rule: string;
  /** The cgroup that identifies it. */
  identity: Cgroup;
  /** Its cgroup in the hierarchy of each controller; absent where this machine does not have the controller. */
  cgroups: Partial<Record<Controller, Cgroup>>;
}

const PRESSURE_DIRECTORY = "proc/pressure/";

/** The cgroup's own file behind "proc/pressure/cpu" and its like; undefined for other paths, and on cgroup v1. */
export function pressureFileOf({ cgroups: { pressure } }: Container, path: string): string | undefined {
  if (pressure === undefined || !path.startsWith(PRESSURE_DIRECTORY)) return undefined;
  return `${directoryOf(pressure)}/${path.slice(PRESSURE_DIRECTORY.length)}.pressure`;
}
