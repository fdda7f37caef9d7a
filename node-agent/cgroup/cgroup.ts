// A cgroup as one controller sees it, and the way up to the root of its hierarchy (cgroups(7), cgroup-v2.rst).

/** A limit in a control file: "max" (v2) and v1's huge numbers are no limit, which is neither 0 nor a number. */
export type Limit = number | "max";

/** v1 prints "no limit" as the largest multiple of the page size below 2^63; no machine has 2^60 bytes. */
const V1_UNLIMITED = 2 ** 60;

export interface Cgroup {
  version: 1 | 2;
  /** Where the hierarchy is mounted on the host. */
  mountPoint: string;
  /** Path below it, "/" for its root. */
  path: string;
}

/** The directory of a cgroup on the host, without a trailing slash. */
export function directoryOf(cgroup: Cgroup): string {
  return cgroup.path === "/" ? cgroup.mountPoint : cgroup.mountPoint + cgroup.path;
}

/** The cgroup and its ancestors, without the root of the hierarchy, which has no limits. */
export function lineage(cgroup: Cgroup): Cgroup[] {
  const levels: Cgroup[] = [];
  for (let path = cgroup.path; path !== "/" && path !== ""; path = path.slice(0, path.lastIndexOf("/"))) {
    levels.push({ ...cgroup, path });
  }
  return levels;
}

/** A limit file's content. Anything that is no number, such as -1, is no limit. */
export function parseLimit(text: string): Limit {
  const trimmed = text.trim();
  const value = Number(trimmed);
  return /^\d+$/.test(trimmed) && value < V1_UNLIMITED ? value : "max";
}

/** The smaller limit. */
export function minLimit(a: Limit, b: Limit): Limit {
  if (a === "max") return b;
  return b === "max" ? a : Math.min(a, b);
}

/** "key value" lines, as memory.stat and cpu.stat have them. Other lines are left out. */
export function parseFlatKeyed(text: string): Map<string, number> {
  const values = new Map<string, number>();
  for (const line of text.split("\n")) {
    const space = line.indexOf(" ");
    if (space > 0) values.set(line.slice(0, space), Number(line.slice(space + 1)));
  }
  return values;
}
