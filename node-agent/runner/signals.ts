// Signals for a command that is the first process of its pid namespace. The kernel keeps signals from such a process
// unless it has a handler (pid_namespaces(7)), so the default action is carried out for it.

import { constants } from "node:os";
import type { PidStatus } from "../procfs/pid-status.ts";

/** Passed on from whoever signals `procview run`. */
export const FORWARDED_SIGNALS = ["SIGHUP", "SIGINT", "SIGQUIT", "SIGTERM", "SIGUSR1", "SIGUSR2", "SIGALRM"] as const;

/** "deliver" it, "kill" as the default action would, or do "nothing". */
export type SignalAction = "deliver" | "kill" | "nothing";

/** What a signal does to a process, by the masks of its /proc/PID/status. */
export function signalAction(status: PidStatus, signal: NodeJS.Signals): SignalAction {
  const bit = 1n << BigInt(constants.signals[signal] - 1);
  if ((status.caughtSignals & bit) !== 0n) return "deliver";
  return (status.ignoredSignals & bit) !== 0n ? "nothing" : "kill";
}

/** The exit status that shells give a program ended by a signal. */
export function statusOfSignal(signal: NodeJS.Signals): number {
  return 128 + constants.signals[signal];
}
