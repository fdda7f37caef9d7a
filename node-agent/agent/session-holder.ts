// Who keeps a session while no agent runs: the keeper, systemd, or nobody.

import type { EventEmitter } from "node:events";
import type { StoodIn } from "../keeper/keeper-connection.ts";
import type { AgentNote } from "./agent-note.ts";

export interface SessionHolderEvents {
  /** Nobody would keep the session now. */
  unkept: [reason: string];
  kept: [];
}

export interface SessionHolder extends EventEmitter<SessionHolderEvents> {
  readonly note: AgentNote;
  /** For the file-system process to inherit. */
  readonly leaseFd: number | undefined;
  /** Has the session kept. */
  keep(): void;
  /** A process is going to serve: returns when nobody stands in any more. */
  serves(pid: number): Promise<StoodIn>;
  /** Changes what the next agent is told. */
  leaveNote(change: Partial<AgentNote>): void;
  /** Lets go of the session; with `end` nobody keeps it any more. */
  close(end: boolean): void;
}
