// /proc/stat of a container. btime stays the host's: starttime in /proc/PID/stat counts from it, and ps(1) adds the two.
// Interrupts are the machine's business: none.

import type { ProcStat } from "../procfs/stat.ts";
import { type CpuTime, cpuTicks } from "./cpu-ticks.ts";
import type { LoadSample } from "./loadavg.ts";
import { upSecondsOf } from "./uptime.ts";
import type { VisibleCpus } from "./visible-cpus.ts";

export interface StatInputs {
  hostUpSeconds: number;
  startTicks: number | undefined;
  cpus: VisibleCpus;
  cpuTime: CpuTime | undefined;
  load: LoadSample | undefined;
}

export function viewStat(host: ProcStat, inputs: StatInputs): ProcStat {
  const upSeconds = upSecondsOf(inputs.hostUpSeconds, inputs.startTicks);
  const { total, cpus } = cpuTicks(upSeconds, inputs.cpus, inputs.cpuTime);
  const values: Record<string, string> = {
    intr: "0",
    ctxt: "0",
    softirq: "0 0 0 0 0 0 0 0 0 0 0",
    processes: String(inputs.load?.lastPid ?? 0),
    procs_running: String(inputs.load?.running ?? 0),
    procs_blocked: String(inputs.load?.blocked ?? 0),
  };
  return { total, cpus, others: host.others.map(({ key, value }) => ({ key, value: values[key] ?? value })) };
}
