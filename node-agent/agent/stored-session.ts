// A session that systemd keeps, in the file descriptor store of the service. What goes with it stands in a file, which
// counts only together with the descriptors.

import { EventEmitter } from "node:events";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { NOTHING, type StoodIn } from "../keeper/keeper-connection.ts";
import type { SessionFiles } from "../session/session-files.ts";
import { type AgentNote, parseNote, printNote } from "./agent-note.ts";
import { notify } from "./sd-notify.ts";
import type { SessionHolder, SessionHolderEvents } from "./session-holder.ts";

/** Names in the store. */
const NAMES: Readonly<Record<keyof SessionFiles, string>> = {
  deviceFd: "procview-device",
  stateFd: "procview-state",
  journalFd: "procview-journal",
};

/** The session among what systemd has kept; undefined where it is not whole. */
export function sessionAmong(stored: ReadonlyMap<string, number>): SessionFiles | undefined {
  const [deviceFd, stateFd, journalFd] = [NAMES.deviceFd, NAMES.stateFd, NAMES.journalFd].map((name) =>
    stored.get(name),
  );
  if (deviceFd === undefined || stateFd === undefined || journalFd === undefined) return undefined;
  return { deviceFd, stateFd, journalFd };
}

export function readNote(file: string): AgentNote {
  try {
    return parseNote(readFileSync(file, "utf8"));
  } catch {
    return parseNote("");
  }
}

export class StoredSession extends EventEmitter<SessionHolderEvents> implements SessionHolder {
  readonly leaseFd = undefined;
  readonly #files: SessionFiles;
  readonly #noteFile: string;
  readonly #environment: NodeJS.ProcessEnv;
  #note: AgentNote;

  constructor(files: SessionFiles, note: AgentNote, noteFile: string, environment: NodeJS.ProcessEnv) {
    super();
    this.#files = files;
    this.#note = note;
    this.#noteFile = noteFile;
    this.#environment = environment;
  }

  get note(): AgentNote {
    return this.#note;
  }

  /** FDPOLL=0: systemd would drop a device that reports an error, which one does that is not mounted yet. */
  keep(): void {
    for (const [key, name] of Object.entries(NAMES)) {
      const fd = this.#files[key as keyof SessionFiles];
      notify(this.#environment, `FDSTORE=1\nFDNAME=${name}\nFDPOLL=0`, [fd]);
    }
    this.emit("kept");
  }

  /** systemd holds, and answers nothing. */
  serves(): Promise<StoodIn> {
    return Promise.resolve(NOTHING);
  }

  leaveNote(change: Partial<AgentNote>): void {
    this.#note = { ...this.#note, ...change };
    writeFileSync(this.#noteFile, printNote(this.#note), { mode: 0o600 });
  }

  close(end: boolean): void {
    if (!end) return;
    for (const name of Object.values(NAMES)) notify(this.#environment, `FDSTOREREMOVE=1\nFDNAME=${name}`);
    rmSync(this.#noteFile, { force: true });
  }
}
