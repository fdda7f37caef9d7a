// What a figure was taken on.

import { readFileSync } from "node:fs";
import { arch, cpus, loadavg, release, totalmem } from "node:os";
import { findHierarchies } from "../../node-agent/container/hierarchies.ts";
import { HostFiles } from "../../node-agent/host/host-files.ts";
import type { MachineFacts } from "../report/results.ts";

export function machineFacts(): MachineFacts {
  const versions = new Set(findHierarchies(new HostFiles()).map(({ version }) => version));
  return {
    kernel: release(),
    architecture: arch(),
    cpus: cpus().length,
    cpuModel: cpus()[0]?.model ?? "unknown",
    memoryBytes: totalmem(),
    distribution: /^PRETTY_NAME="(.*)"$/m.exec(readFileSync("/etc/os-release", "utf8"))?.[1] ?? "unknown",
    cgroups: versions.size > 1 ? "v1 and v2 (hybrid)" : `v${[...versions][0]}`,
    node: process.version,
    loadBefore: loadavg()[0] ?? 0,
  };
}
