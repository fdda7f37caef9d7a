// What is measured, as it stands in bench/results/DATE.json.

export interface MachineFacts {
  kernel: string;
  architecture: string;
  cpus: number;
  cpuModel: string;
  memoryBytes: number;
  distribution: string;
  cgroups: string;
  node: string;
  /** Load average over the minute before: a machine that was not idle measures worse. */
  loadBefore: number;
}

export interface SideFacts {
  name: string;
  /** What was run. */
  version: string;
  /** Why it was not measured; null where it was. */
  skipped: string | null;
}

/** One measurement, or the medians of several. */
export interface ReadMeasurement {
  p50Nanos: number;
  p99Nanos: number;
  readsPerSecond: number;
  readerCpuNanosPerRead: number;
  /** null where no process serves. */
  serverCpuNanosPerRead: number | null;
}

export interface ReadRow extends ReadMeasurement {
  file: string;
  side: string;
  readers: number;
  rssBytes: number | null;
}

export interface ReadResults {
  machine: MachineFacts;
  rounds: number;
  windowMillis: number;
  warmupReads: number;
  sides: SideFacts[];
  rows: ReadRow[];
  /** Files that a side could not be measured with, and why. */
  failures: string[];
}

export interface ScaleRow {
  side: string;
  containers: number;
  /** Of one core. */
  cpuPercent: number;
  /** Says more than the percentage where the machine could not keep up. */
  cpuNanosPerRead: number;
  /** The sum over processes: a page that two of them have mapped counts twice. */
  rssBytes: number;
  largestRssBytes: number;
  /** The same, each page once. */
  pssBytes: number;
  /** What the kernel charges to the server's cgroup: with the files it keeps in memory, and what the kernel needs for it. */
  chargedBytes: number;
  processes: number;
  reads: number;
  expectedReads: number;
  failedReads: number;
  latePolls: number;
  p50Nanos: number;
  p99Nanos: number;
}

export interface ScaleResults {
  machine: MachineFacts;
  rounds: number;
  seconds: number;
  files: string[];
  sides: SideFacts[];
  rows: ScaleRow[];
}

/** One day's figures; each command writes its own part. */
export interface Results {
  reads?: ReadResults;
  scale?: ScaleResults;
}
