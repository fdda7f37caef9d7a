// A session with its keeper: starts one where there is none, and another when it ends.

import { EventEmitter } from "node:events";
import { closeSync } from "node:fs";
import { type KeeperConnection, takeFromKeeper } from "../keeper/keeper-connection.ts";
import { type KeeperOptions, startKeeper } from "../keeper/start-keeper.ts";
import type { SessionFiles } from "../session/session-files.ts";
import { type AgentNote, printNote } from "./agent-note.ts";

const RETRY_MILLIS = 5000;

interface KeptSessionEvents {
  /** There is no keeper now. */
  unkept: [reason: string];
  kept: [];
}

export class KeptSession extends EventEmitter<KeptSessionEvents> {
  readonly #files: SessionFiles;
  readonly #options: KeeperOptions;
  #note: AgentNote;
  #connection: KeeperConnection | undefined;
  #closed = false;

  constructor(files: SessionFiles, note: AgentNote, options: KeeperOptions) {
    super();
    this.#files = files;
    this.#note = note;
    this.#options = options;
  }

  get note(): AgentNote {
    return this.#note;
  }

  get isKept(): boolean {
    return this.#connection !== undefined;
  }

  /** For the file-system process to inherit. */
  get leaseFd(): number | undefined {
    return this.#connection?.fd;
  }

  /** Goes on with the keeper that had the session, or starts one. */
  keep(connection: KeeperConnection | undefined): void {
    if (connection === undefined) this.#start();
    else this.#adopt(connection);
  }

  leaveNote(change: Partial<AgentNote>): void {
    this.#note = { ...this.#note, ...change };
    this.#connection?.note(printNote(this.#note));
  }

  /** Lets go of the keeper; with `end` it goes too, and the connection to the kernel with the last process. */
  close(end: boolean): void {
    this.#closed = true;
    if (end) this.#connection?.drop();
    else this.#connection?.close();
  }

  #start(): void {
    if (this.#closed) return;
    try {
      startKeeper(this.#files, this.#options);
      const taken = takeFromKeeper(this.#options.socket);
      if (taken === undefined) throw new Error("the keeper has gone at once");
      // What it gave are copies of what we have.
      for (const fd of Object.values(taken.files)) closeSync(fd);
      this.#adopt(taken.connection);
    } catch (error) {
      this.emit("unkept", error instanceof Error ? error.message : String(error));
      setTimeout(() => this.#start(), RETRY_MILLIS).unref();
    }
  }

  #adopt(connection: KeeperConnection): void {
    this.#connection = connection;
    this.leaveNote({});
    this.emit("kept");
    connection.onceGone(() => {
      this.#connection = undefined;
      if (this.#closed) return;
      this.emit("unkept", "the keeper was ended");
      this.#start();
    });
  }
}
