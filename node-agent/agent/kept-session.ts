// A session with its keeper: starts one where there is none, and another when it ends.

import { EventEmitter } from "node:events";
import { closeSync } from "node:fs";
import { type KeeperConnection, NOTHING, type StoodIn, takeFromKeeper } from "../keeper/keeper-connection.ts";
import { type KeeperOptions, startKeeper } from "../keeper/start-keeper.ts";
import type { SessionFiles } from "../session/session-files.ts";
import { type AgentNote, printNote } from "./agent-note.ts";
import type { SessionHolder, SessionHolderEvents } from "./session-holder.ts";

const RETRY_MILLIS = 5000;

export class KeptSession extends EventEmitter<SessionHolderEvents> implements SessionHolder {
  readonly #files: SessionFiles;
  readonly #options: KeeperOptions;
  #note: AgentNote;
  #connection: KeeperConnection | undefined;
  #closed = false;
  #serving: number | undefined;

  /** `connection` is that of the keeper that had the session; without one, a keeper is started. */
  constructor(files: SessionFiles, note: AgentNote, options: KeeperOptions, connection: KeeperConnection | undefined) {
    super();
    this.#connection = connection;
    this.#files = files;
    this.#note = note;
    this.#options = options;
  }

  get note(): AgentNote {
    return this.#note;
  }

  get leaseFd(): number | undefined {
    return this.#connection?.fd;
  }

  keep(): void {
    if (this.#connection === undefined) this.#start();
    else this.#adopt(this.#connection);
  }

  async serves(pid: number): Promise<StoodIn> {
    this.#serving = pid;
    return (await this.#connection?.serves(pid)) ?? NOTHING;
  }

  leaveNote(change: Partial<AgentNote>): void {
    this.#note = { ...this.#note, ...change };
    this.#connection?.note(printNote(this.#note));
  }

  /** With `end` the keeper goes too, and the connection to the kernel with the last process. */
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
    if (!this.#options.resend) connection.keepsJournal();
    // Another keeper: it must not stand in for a process that serves.
    if (this.#serving !== undefined) void connection.serves(this.#serving);
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
