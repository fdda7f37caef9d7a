// Debian packages that the comparison uses, and what keeps it from running.

import { existsSync } from "node:fs";
import { installMissing, type Package } from "../test/packages.ts";
import type { Tool } from "./tools/tool.ts";

const SURROUNDINGS: readonly Package[] = [
  ["lxcfs", "/usr/bin/lxcfs"],
  ["stress-ng", "/usr/bin/stress-ng"],
  ["tmux", "/usr/bin/tmux"],
  ["util-linux", "/usr/bin/nsenter"],
];

export function packagesOf(tools: readonly Tool[]): Package[] {
  const all = new Map([...SURROUNDINGS, ...tools.map((tool): Package => [tool.package, tool.file])]);
  return [...all].sort(([a], [b]) => a.localeCompare(b));
}

/** Installs what is missing; says why nothing can be measured here, undefined where it can. */
export function prepare(tools: readonly Tool[]): string | undefined {
  if (process.platform !== "linux") return "needs Linux";
  if (process.geteuid?.() !== 0) return "needs root: cgroups and mounts are made for real";
  if (!existsSync("/dev/fuse")) return "needs /dev/fuse";
  if (!existsSync("/etc/debian_version")) return "needs Debian: it compares with Debian's lxcfs";
  const packages = packagesOf(tools);
  installMissing("the comparison", packages);
  const missing = packages.filter(([, file]) => !existsSync(file)).map(([name]) => name);
  return missing.length === 0 ? undefined : `needs ${missing.join(", ")}, which could not be installed`;
}
