// The open files that make a session: as long as someone holds them, any server can go on where another ended.

import { memfdCreate } from "../linux/syscalls.ts";

export interface SessionFiles {
  /** The connection to the kernel. */
  deviceFd: number;
  /** Renderings and load averages: vfs/slots.ts, ledger/ledger.ts. */
  stateFd: number;
  /** Requests that are read and not answered: journal.ts. */
  journalFd: number;
}

/** Files of a session that begins now. */
export function createSessionFiles(deviceFd: number): SessionFiles {
  return { deviceFd, stateFd: memfdCreate("procview-state"), journalFd: memfdCreate("procview-journal") };
}
