// Which containers are put under which loads. THE table.

import { formatCpuList } from "../node-agent/procfs/cpu-list.ts";

export interface Limits {
  /** CPU quota. */
  cpus: number;
  cpuset?: readonly number[];
}

export interface Case {
  limits: Limits;
  /** What the load asks for, in % of what the container may use. */
  loadPercent: number;
}

const STEPS = [25, 50, 100, 150];
/** A fraction of a CPU is shown as a whole one: half of what it may use, and all of it. */
const FRACTION_STEPS = [50, 200];

const TABLE: readonly { limits: Limits; loads: readonly number[] }[] = [
  { limits: { cpus: 1 }, loads: STEPS },
  { limits: { cpus: 1, cpuset: [0] }, loads: STEPS },
  { limits: { cpus: 1, cpuset: [0, 1] }, loads: STEPS },
  { limits: { cpus: 2 }, loads: STEPS },
  { limits: { cpus: 2, cpuset: [0, 1] }, loads: STEPS },
  { limits: { cpus: 0.5 }, loads: FRACTION_STEPS },
  { limits: { cpus: 1.5 }, loads: FRACTION_STEPS },
];

/** The cases that a machine with these CPUs can run. */
export function casesOn(online: readonly number[]): Case[] {
  return TABLE.filter(
    ({ limits }) => limits.cpus <= online.length && (limits.cpuset ?? []).every((cpu) => online.includes(cpu)),
  ).flatMap(({ limits, loads }) => loads.map((loadPercent) => ({ limits, loadPercent })));
}

export function nameOf({ cpus, cpuset }: Limits): string {
  return `${cpus} CPU${cpus === 1 ? "" : "s"}${cpuset === undefined ? "" : ` on cpuset ${formatCpuList(cpuset)}`}`;
}

export interface Share {
  /** CPUs the container is shown: a fraction counts as a whole one. */
  visible: number;
  /** CPUs' time it may use. */
  capacity: number;
}

export function shareOf({ cpus, cpuset }: Limits, onlineCount: number): Share {
  const allowed = cpuset?.length ?? onlineCount;
  return { visible: Math.min(allowed, Math.ceil(cpus)), capacity: Math.min(allowed, cpus) };
}

/** stress-ng with as many workers as the load needs, each equally busy. */
export function stressCommand(capacity: number, loadPercent: number, limitSeconds: number): string[] {
  const wanted = (capacity * loadPercent) / 100;
  const workers = workersFor(capacity, loadPercent);
  const each = Math.round((wanted / workers) * 100);
  const load = ["--cpu", String(workers), "--cpu-method", "int64", "--cpu-load", String(each)];
  return ["stress-ng", "--quiet", ...load, "--timeout", `${limitSeconds}s`];
}

export function workersFor(capacity: number, loadPercent: number): number {
  return Math.ceil((capacity * loadPercent) / 100);
}
