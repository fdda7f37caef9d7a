// The CPU clock of a container: turns what its cgroup has used into ticks of the CPUs it sees. What was told once stays
// told: no counter ever goes back, whatever happens to limits, CPUs or processes of ours.
//
// A container that may use 1.5 CPUs sees two, which together can do 1.5 seconds of work a second. Its time is stretched
// by 2/1.5, so that a saturated container shows 100 % of what it sees, as a machine with slower CPUs would. Within a
// quota period work comes in bursts, faster than the CPUs shown could do it: what does not fit is owed, and told as soon
// as time has passed for it.

import type { LedgerRecord } from "../ledger/record.ts";

const MICROS_PER_TICK = 10_000;
/** More than a second of work owed is no burst but a clock that was wrong, or a limit that changed unseen: forgotten. */
const MAX_OWED_TICKS_PER_CPU = 100;
const KINDS = 3;
const IDLE = 3;

export interface CpuMicros {
  userMicros: number;
  niceMicros: number;
  systemMicros: number;
}

/** The CPUs a container sees, and how many CPUs' time it may use. */
export interface CpuShare {
  cpus: readonly number[];
  capacity: number;
}

/**
 * Brings the clock to `elapsedTicks` since the container's start, by when it had used `time`. A first call tells all that
 * was used so far. Time that does not advance changes nothing.
 */
export function advanceCpuClock(record: LedgerRecord, elapsedTicks: number, share: CpuShare, time: CpuMicros): void {
  const passed = elapsedTicks - record.elapsedTicks;
  if (passed <= 0) return;
  record.elapsedTicks = elapsedTicks;
  owe(record, share, time);
  tell(record, passed, share.cpus);
}

function owe({ rawMicros, owedTicks }: LedgerRecord, { cpus, capacity }: CpuShare, time: CpuMicros): void {
  const stretch = cpus.length / capacity / MICROS_PER_TICK;
  const now = [time.userMicros, time.niceMicros, time.systemMicros];
  for (let kind = 0; kind < KINDS; kind += 1) {
    const used = (now[kind] as number) - (rawMicros[kind] as number);
    if (used <= 0) continue;
    owedTicks[kind] = (owedTicks[kind] as number) + used * stretch;
    rawMicros[kind] = now[kind] as number;
  }
}

/** Pays what is owed out of the ticks that passed, evenly over the CPUs; what is left of them was idle. */
function tell(record: LedgerRecord, passed: number, cpus: readonly number[]): void {
  const { owedTicks, totalTicks } = record;
  const owed = (owedTicks[0] as number) + (owedTicks[1] as number) + (owedTicks[2] as number);
  // Sums of fractions may be less than nothing by a hair, whose floor is a whole tick.
  const paid = Math.max(0, Math.min(Math.floor(owed), passed * cpus.length));
  const kinds = split(paid, owedTicks, owed);
  let left = paid;
  for (const [place, cpu] of byWork(record, cpus).entries()) {
    const share = Math.ceil(left / (cpus.length - place));
    const told = record.cpuTicks(cpu);
    const parts = split(share, kinds, left);
    left -= share;
    for (let kind = 0; kind < KINDS; kind += 1) {
      const ticks = parts[kind] as number;
      kinds[kind] = (kinds[kind] as number) - ticks;
      owedTicks[kind] = (owedTicks[kind] as number) - ticks;
      told[kind] = (told[kind] as number) + ticks;
      totalTicks[kind] = (totalTicks[kind] as number) + ticks;
    }
    told[IDLE] = (told[IDLE] as number) + passed - share;
    totalTicks[IDLE] = (totalTicks[IDLE] as number) + passed - share;
  }
  forget(owedTicks, cpus.length * MAX_OWED_TICKS_PER_CPU);
}

/** `count` whole ticks divided as the amounts are, each part at most its amount rounded up; `sum` is theirs. */
function split(count: number, amounts: ArrayLike<number>, sum: number): [number, number, number] {
  if (sum <= 0) return [0, 0, 0];
  const ratio = count / sum;
  // What was rounded up before is owed less than nothing now.
  const part = (kind: number, most: number): number =>
    Math.max(0, Math.min(most, Math.round((amounts[kind] as number) * ratio)));
  const system = part(2, count);
  const nice = part(1, count - system);
  return [count - system - nice, nice, system];
}

/** CPUs that were told least work first, so that odd ticks do not all fall on one. */
function byWork(record: LedgerRecord, cpus: readonly number[]): number[] {
  const work = (cpu: number): number => {
    const [user = 0, nice = 0, system = 0] = record.cpuTicks(cpu);
    return user + nice + system;
  };
  return cpus.toSorted((a, b) => work(a) - work(b));
}

function forget(owedTicks: Float64Array, most: number): void {
  const owed = (owedTicks[0] as number) + (owedTicks[1] as number) + (owedTicks[2] as number);
  if (owed <= most) return;
  for (let kind = 0; kind < KINDS; kind += 1) owedTicks[kind] = ((owedTicks[kind] as number) * most) / owed;
}

/** What stat shows: the total with all CPUs ever seen, as the kernel's includes those that went offline. */
export interface CpuTicksView {
  total: readonly number[];
  cpus: readonly { cpu: number; ticks: readonly number[] }[];
}

const UNKNOWN_COLUMNS = [0, 0, 0, 0, 0, 0] as const;

/** What was told so far: user, nice, system and idle; 0 for iowait, irq, softirq, steal, guest and guest_nice. */
export function readCpuClock(record: LedgerRecord, cpus: readonly number[]): CpuTicksView {
  return {
    total: [...record.totalTicks, ...UNKNOWN_COLUMNS],
    cpus: cpus.map((cpu) => ({ cpu, ticks: [...record.cpuTicks(cpu), ...UNKNOWN_COLUMNS] })),
  };
}
