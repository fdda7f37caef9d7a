// The holder of a session that an agent's options ask for.

import { EventEmitter } from "node:events";
import { NOTHING, type StoodIn } from "../keeper/keeper-connection.ts";
import { type AgentNote, parseNote } from "./agent-note.ts";
import { type AgentOptions, agentPaths, type KeeperKind } from "./agent-options.ts";
import { keeperCgroups } from "./keeper-cgroups.ts";
import { KeptSession } from "./kept-session.ts";
import type { SessionHolder, SessionHolderEvents } from "./session-holder.ts";
import type { ObtainedSession } from "./session-source.ts";
import { StoredSession } from "./stored-session.ts";

const HOLDERS: Readonly<Record<KeeperKind, (session: ObtainedSession, options: AgentOptions) => SessionHolder>> = {
  process: ({ files, note, connection }, options) => {
    const { keeperSocket: socket, mountPoint } = agentPaths(options.root);
    const { graceSeconds, hostMountNamespace: mountNamespace = "", keeperCgroup } = options;
    const cgroups = keeperCgroups(keeperCgroup);
    const keeper = { socket, graceSeconds, mountPoint, mountNamespace, cgroups };
    return new KeptSession(files, note, { ...keeper, resend: options.server.resend }, connection);
  },
  systemd: ({ files, note }, { root }) => new StoredSession(files, note, agentPaths(root).noteFile, process.env),
  none: () => new UnkeptSession(),
};

export function holderOf(session: ObtainedSession, options: AgentOptions): SessionHolder {
  return HOLDERS[options.keeper](session, options);
}

class UnkeptSession extends EventEmitter<SessionHolderEvents> implements SessionHolder {
  readonly leaseFd = undefined;
  note: AgentNote = parseNote("");

  keep(): void {
    this.emit("unkept", "--keeper none");
  }

  serves(): Promise<StoodIn> {
    return Promise.resolve(NOTHING);
  }

  leaveNote(change: Partial<AgentNote>): void {
    this.note = { ...this.note, ...change };
  }

  close(): void {
    // Nobody keeps it.
  }
}
