// CPU bandwidth limits: cpu.max of v2 ("150000 100000", "max 100000"), cpu.cfs_quota_us and cpu.cfs_period_us of v1.

import type { Limit } from "./cgroup.ts";

export interface CpuBandwidth {
  quotaMicros: Limit;
  periodMicros: number;
}

const DEFAULT_PERIOD_MICROS = 100_000;

/** Parses cpu.max; a file that says nothing useful is no limit. */
export function parseCpuMax(text: string): CpuBandwidth {
  const [quota = "max", period] = text.trim().split(/\s+/);
  return bandwidth(quota, period);
}

/** Joins v1's two files; a negative quota is no limit. */
export function parseCfsBandwidth(quota: string, period: string): CpuBandwidth {
  return bandwidth(quota.trim(), period.trim());
}

/** How many CPUs that is, such as 1.5. */
export function cpusOf({ quotaMicros, periodMicros }: CpuBandwidth): Limit {
  return quotaMicros === "max" ? "max" : quotaMicros / periodMicros;
}

function bandwidth(quota: string, period: string | undefined): CpuBandwidth {
  const periodMicros = Number(period) > 0 ? Number(period) : DEFAULT_PERIOD_MICROS;
  const quotaMicros = Number(quota) > 0 ? Number(quota) : "max";
  return { quotaMicros, periodMicros };
}
