// Where an agent gets its session: the keeper's, so that every mount goes on as it is, or a new one.

import { closeSync } from "node:fs";
import { type KeeperConnection, takeFromKeeper } from "../keeper/keeper-connection.ts";
import { createFuseMount, mountAgain } from "../session/fuse-mount.ts";
import { createSessionFiles, type SessionFiles } from "../session/session-files.ts";
import { type AgentNote, parseNote } from "./agent-note.ts";
import { detachAll, deviceAt, type MountPlace } from "./mount-place.ts";

export interface ObtainedSession {
  files: SessionFiles;
  note: AgentNote;
  /** The mount, where it has still to be attached. */
  mountFd: number | undefined;
  /** The keeper that had it; undefined for a new session, which nobody keeps yet. */
  connection: KeeperConnection | undefined;
}

/** Takes the session over, or begins one and detaches what is left of the one before. */
export function obtainSession(keeperSocket: string, place: MountPlace): ObtainedSession {
  const taken = takeFromKeeper(keeperSocket);
  if (taken === undefined) return newSession(place);
  const note = parseNote(taken.note);
  const { files, connection } = taken;
  if (note.device !== undefined && deviceAt(place) === note.device)
    return { files, note, connection, mountFd: undefined };
  try {
    // The keeper or a person has detached it; containers hold it still.
    const mountFd = mountAgain(files.deviceFd);
    detachAll(place);
    return { files, note, connection, mountFd };
  } catch {
    // Nobody holds it: the connection has ended.
    connection.close();
    for (const fd of Object.values(files)) closeSync(fd);
    return newSession(place);
  }
}

function newSession(place: MountPlace): ObtainedSession {
  detachAll(place);
  const { deviceFd, mountFd } = createFuseMount();
  return { files: createSessionFiles(deviceFd), note: { takeovers: 0 }, connection: undefined, mountFd };
}
