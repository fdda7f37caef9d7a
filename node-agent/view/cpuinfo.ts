// /proc/cpuinfo of a container: its CPUs, each with the text the host has for it. How many share a package or a core is
// counted again, so that the file agrees with itself and with the topology in /sys.

import { type Cpuinfo, cpuinfoValue, formatCpuinfo, withCpuinfoValue } from "../procfs/cpuinfo.ts";
import type { VisibleCpus } from "./visible-cpus.ts";

/** s390 counts its CPUs in a line of the summary. */
const S390_COUNT = /^(# processors\s*: )\d+$/m;

/** Containers with the same CPUs see the same text: printed once for a reading of the host's. */
const PRINTED = new WeakMap<Cpuinfo, Map<string, string>>();

/** `viewCpuinfo` as text. */
export function printCpuinfo(host: Cpuinfo, visible: VisibleCpus): string {
  const printed = PRINTED.get(host) ?? new Map<string, string>();
  PRINTED.set(host, printed);
  const cpus = visible.cpus.join();
  const text = printed.get(cpus) ?? formatCpuinfo(viewCpuinfo(host, visible));
  printed.set(cpus, text);
  return text;
}

export function viewCpuinfo(host: Cpuinfo, visible: VisibleCpus): Cpuinfo {
  const cpus = new Set(visible.cpus);
  const kept = host.filter(({ cpu }) => cpu === undefined || cpus.has(cpu));
  const packages = countPackages(kept);
  return kept.map((segment) => {
    if (segment.cpu === undefined) return { text: segment.text.replace(S390_COUNT, `$1${cpus.size}`) };
    const counts = packages.get(cpuinfoValue(segment.text, "physical id") ?? "");
    if (counts === undefined) return segment;
    const text = withCpuinfoValue(segment.text, "siblings", String(counts.siblings));
    return { cpu: segment.cpu, text: withCpuinfoValue(text, "cpu cores", String(counts.cores.size)) };
  });
}

function countPackages(cpuinfo: Cpuinfo): Map<string, { siblings: number; cores: Set<string> }> {
  const packages = new Map<string, { siblings: number; cores: Set<string> }>();
  for (const { cpu, text } of cpuinfo) {
    const id = cpu === undefined ? undefined : cpuinfoValue(text, "physical id");
    if (id === undefined) continue;
    const counts = packages.get(id) ?? { siblings: 0, cores: new Set<string>() };
    counts.siblings += 1;
    counts.cores.add(cpuinfoValue(text, "core id") ?? String(cpu));
    packages.set(id, counts);
  }
  return packages;
}
