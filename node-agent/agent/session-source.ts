// Where an agent gets its session: the keeper's or systemd's, so that every mount goes on as it is, or a new one.

import { closeSync } from "node:fs";
import { type KeeperConnection, takeFromKeeper } from "../keeper/keeper-connection.ts";
import { createFuseMount, mountAgain } from "../session/fuse-mount.ts";
import { mountSource } from "../session/mount-names.ts";
import { createSessionFiles, type SessionFiles } from "../session/session-files.ts";
import type { AgentNote } from "./agent-note.ts";
import { parseNote } from "./agent-note.ts";
import { detachAll, deviceAt, type MountPlace } from "./mount-place.ts";
import { storedFds } from "./sd-notify.ts";
import { readNote, sessionAmong } from "./stored-session.ts";

/** A session that somebody kept. */
interface FoundSession {
  files: SessionFiles;
  note: AgentNote;
  /** The keeper that had it. */
  connection?: KeeperConnection;
}

export interface ObtainedSession extends FoundSession {
  takenOver: boolean;
  /** The mount, where it has still to be attached. */
  mountFd: number | undefined;
}

export interface Sources {
  keeperSocket: string;
  noteFile: string;
  environment: NodeJS.ProcessEnv;
}

/** Takes the session over, or begins one and detaches what is left of the one before. */
export async function obtainSession(sources: Sources, place: MountPlace): Promise<ObtainedSession> {
  const found = fromKeeper(sources) ?? fromSystemd(sources);
  return (found && (await takeOver(found, place))) ?? newSession(place);
}

function fromKeeper({ keeperSocket }: Sources): FoundSession | undefined {
  const taken = takeFromKeeper(keeperSocket);
  return taken && { ...taken, note: parseNote(taken.note) };
}

function fromSystemd({ environment, noteFile }: Sources): FoundSession | undefined {
  const files = sessionAmong(storedFds(environment, process.pid));
  return files && { files, note: readNote(noteFile) };
}

/** Undefined where the connection has ended. */
async function takeOver(found: FoundSession, place: MountPlace): Promise<ObtainedSession | undefined> {
  const { files, connection, note } = found;
  const kept = { ...found, takenOver: true, note: { ...note, takeovers: note.takeovers + 1 } };
  if (note.device !== undefined && deviceAt(place) === note.device) return { ...kept, mountFd: undefined };
  try {
    // The keeper or a person has detached it; containers hold it still.
    const mountFd = mountAgain(files.deviceFd, mountSource(place.mountPoint));
    await detachAll(place);
    return { ...kept, mountFd };
  } catch {
    connection?.close();
    for (const fd of Object.values(files)) closeSync(fd);
    return undefined;
  }
}

async function newSession(place: MountPlace): Promise<ObtainedSession> {
  await detachAll(place);
  const { deviceFd, mountFd } = createFuseMount(mountSource(place.mountPoint));
  return { files: createSessionFiles(deviceFd), note: { takeovers: 0 }, takenOver: false, mountFd };
}
