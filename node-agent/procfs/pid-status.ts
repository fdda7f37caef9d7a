// /proc/PID/status: the fields that tell how pid namespaces see a process, and what it does with signals.

export interface PidStatus {
  /** The process's pid in each namespace, the reader's first, its own last. Empty before Linux 4.1. */
  nsPids: readonly number[];
  /** The thread group the thread belongs to. */
  tgid: number;
  /** Masks of signals caught and ignored, bit N-1 for signal N. */
  caughtSignals: bigint;
  ignoredSignals: bigint;
}

/** Fields that are missing read as none. */
export function parsePidStatus(text: string): PidStatus {
  const field = (name: string): string => new RegExp(`^${name}:\\s*(.*)$`, "m").exec(text)?.[1] ?? "";
  const mask = (name: string): bigint => BigInt(`0x${field(name) || "0"}`);
  return {
    nsPids: field("NSpid").split(/\s+/).filter(Boolean).map(Number),
    tgid: Number(field("Tgid") || "0"),
    caughtSignals: mask("SigCgt"),
    ignoredSignals: mask("SigIgn"),
  };
}
