// Huge pages of one size that a container may use and uses (cgroup-v2.rst "HugeTLB", cgroup-v1/hugetlb.rst).

import { type Cgroup, directoryOf, type Limit, lineage, minLimit, parseLimit } from "../cgroup/cgroup.ts";
import type { HostFiles } from "../host/host-files.ts";

export interface ContainerHugetlb {
  limitBytes: Limit;
  usageBytes: number;
}

const KIB = 1024;

/** Undefined where the controller is off or does not know the size. `pageKib` is Hugepagesize of meminfo. */
export function readHugetlb(files: HostFiles, cgroup: Cgroup, pageKib: number): ContainerHugetlb | undefined {
  const size = sizeName(pageKib);
  const names =
    cgroup.version === 2
      ? { limit: `hugetlb.${size}.max`, usage: `hugetlb.${size}.current` }
      : { limit: `hugetlb.${size}.limit_in_bytes`, usage: `hugetlb.${size}.usage_in_bytes` };
  let limitBytes: Limit = "max";
  let usageBytes: number | undefined;
  for (const level of lineage(cgroup)) {
    const limit = files.textIfAny(`${directoryOf(level)}/${names.limit}`);
    const usage = files.textIfAny(`${directoryOf(level)}/${names.usage}`);
    if (limit === undefined || usage === undefined) continue;
    limitBytes = minLimit(limitBytes, parseLimit(limit));
    usageBytes ??= Number(usage);
  }
  return usageBytes === undefined ? undefined : { limitBytes, usageBytes };
}

/** 2048 -> "2MB", as the control files are named. */
function sizeName(pageKib: number): string {
  if (pageKib >= KIB * KIB) return `${pageKib / KIB / KIB}GB`;
  return pageKib >= KIB ? `${pageKib / KIB}MB` : `${pageKib}KB`;
}
