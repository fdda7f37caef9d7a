// One container's record in the ledger: a row of doubles, named. What is in it cannot be read from the container again:
// its start, how its CPU time was told so far, its load averages.

/** Columns before those of the CPUs. */
const column = {
  key: 0,
  usedAtMillis: 1,
  startTicks: 2,
  // The CPU clock (sampler/cpu-clock.ts)
  elapsedTicks: 3,
  rawMicros: 4, // user, nice, system
  owedTicks: 7, // user, nice, system
  totalTicks: 10, // user, nice, system, idle
  // The load (sampler/load.ts)
  loads: 14, // 1, 5, 15 minutes
  sampledAtMillis: 17,
  running: 18,
  blocked: 19,
  threads: 20,
  lastPid: 21,
  bootOffsetSeconds: 22,
  metAtMillis: 23,
} as const;

export const HEADER_COLUMNS = 24;
/** Ticks told of each CPU: user, nice, system, idle. */
export const CPU_COLUMNS = 4;

export class LedgerRecord {
  #columns: Float64Array;

  constructor(columns: Float64Array) {
    this.#columns = columns;
  }

  /** Points this view at another row. */
  point(columns: Float64Array): void {
    this.#columns = columns;
  }

  get key(): number {
    return this.#columns[column.key] as number;
  }

  /** Makes the row that of a container nothing is known of. */
  claim(key: number): void {
    this.#columns.fill(0);
    this.#columns[column.key] = key;
  }

  /** When it was last asked for, by CLOCK_MONOTONIC: the row unused for longest makes room. */
  get usedAtMillis(): number {
    return this.#columns[column.usedAtMillis] as number;
  }
  set usedAtMillis(millis: number) {
    this.#columns[column.usedAtMillis] = millis;
  }

  /** Since boot, in ticks of 1/100 s; 0 while unknown. */
  get startTicks(): number {
    return this.#columns[column.startTicks] as number;
  }
  set startTicks(ticks: number) {
    this.#columns[column.startTicks] = ticks;
  }

  /** What its time namespace adds to CLOCK_BOOTTIME (time_namespaces(7)); 0 without one. */
  get bootOffsetSeconds(): number {
    return this.#columns[column.bootOffsetSeconds] as number;
  }
  set bootOffsetSeconds(seconds: number) {
    this.#columns[column.bootOffsetSeconds] = seconds;
  }

  /** When the first thread of a server met it, by CLOCK_MONOTONIC; 0 before that. */
  get metAtMillis(): number {
    return this.#columns[column.metAtMillis] as number;
  }
  set metAtMillis(millis: number) {
    this.#columns[column.metAtMillis] = millis;
  }

  get elapsedTicks(): number {
    return this.#columns[column.elapsedTicks] as number;
  }
  set elapsedTicks(ticks: number) {
    this.#columns[column.elapsedTicks] = ticks;
  }

  get rawMicros(): Float64Array {
    return this.#columns.subarray(column.rawMicros, column.rawMicros + 3);
  }

  get owedTicks(): Float64Array {
    return this.#columns.subarray(column.owedTicks, column.owedTicks + 3);
  }

  get totalTicks(): Float64Array {
    return this.#columns.subarray(column.totalTicks, column.totalTicks + CPU_COLUMNS);
  }

  /** Ticks told of one CPU. */
  cpuTicks(cpu: number): Float64Array {
    const at = HEADER_COLUMNS + cpu * CPU_COLUMNS;
    return this.#columns.subarray(at, at + CPU_COLUMNS);
  }

  get loads(): Float64Array {
    return this.#columns.subarray(column.loads, column.loads + 3);
  }

  /** By CLOCK_MONOTONIC; 0 before the first sample. */
  get sampledAtMillis(): number {
    return this.#columns[column.sampledAtMillis] as number;
  }
  set sampledAtMillis(millis: number) {
    this.#columns[column.sampledAtMillis] = millis;
  }

  /** Running, blocked and existing threads, and the highest pid seen in the container's own pid namespace. */
  get threadCounts(): Float64Array {
    return this.#columns.subarray(column.running, column.lastPid + 1);
  }
}
