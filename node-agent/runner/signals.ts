// Signals for a command that is the first process of its pid namespace. The kernel keeps signals from such a process
// unless it has a handler (pid_namespaces(7)), so the default action is carried out for it.

import { constants } from "node:os";
import type { HostFiles } from "../host/host-files.ts";
import { type PidStatus, parsePidStatus } from "../procfs/pid-status.ts";

/** Passed on from whoever signals `procview run`. */
const FORWARDED_SIGNALS = ["SIGHUP", "SIGINT", "SIGQUIT", "SIGTERM", "SIGUSR1", "SIGUSR2", "SIGALRM"] as const;

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

/** Catches signals from its creation on, passes them to a command once there is one, until it is disposed of. */
export class SignalForwarder implements Disposable {
  readonly #files: HostFiles;
  readonly #early: NodeJS.Signals[] = [];
  readonly #forward = (signal: NodeJS.Signals): void => this.#receive(signal);
  #pid: number | undefined;
  #killedFor: NodeJS.Signals | undefined;

  constructor(files: HostFiles) {
    this.#files = files;
    for (const signal of FORWARDED_SIGNALS) process.on(signal, this.#forward);
  }

  /** Names the command; it gets what came before it was there. */
  attach(pid: number): void {
    this.#pid = pid;
    for (const signal of this.#early.splice(0)) this.#receive(signal);
  }

  /** The exit status of `run` for the way its command ended. */
  statusOf(code: number | null, signal: NodeJS.Signals | null): number {
    if (signal === null) return code ?? 0;
    return statusOfSignal(signal === "SIGKILL" && this.#killedFor !== undefined ? this.#killedFor : signal);
  }

  [Symbol.dispose](): void {
    for (const signal of FORWARDED_SIGNALS) process.off(signal, this.#forward);
  }

  #receive(signal: NodeJS.Signals): void {
    if (this.#pid === undefined) {
      this.#early.push(signal);
      return;
    }
    const status = this.#files.textIfAny(`proc/${this.#pid}/status`);
    const action = status === undefined ? "nothing" : signalAction(parsePidStatus(status), signal);
    if (action === "nothing") return;
    if (action === "kill") {
      this.#killedFor = signal;
      process.kill(this.#pid, "SIGKILL");
    } else if (!comesFromTerminal(signal)) {
      process.kill(this.#pid, signal);
    }
  }
}

/** A terminal has signalled the command already, being in the same foreground group. */
function comesFromTerminal(signal: NodeJS.Signals): boolean {
  return process.stdin.isTTY && (signal === "SIGINT" || signal === "SIGQUIT");
}
