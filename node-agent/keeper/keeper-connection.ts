// A connection to the keeper: takes the session over, and is a lease on it for as long as it is open in any process.

import { closeSync } from "node:fs";
import { Socket } from "node:net";
import { SyscallError } from "../linux/syscalls.ts";
import { connectUnix, receiveText, sendText } from "../linux/unix-socket.ts";
import type { SessionFiles } from "../session/session-files.ts";

const LIMIT_MILLIS = 2000;
const NO_KEEPER = new Set(["ENOENT", "ECONNREFUSED"]);

/** For how long a keeper stood in, answers it gave, requests it left to the process that serves now. */
export interface StoodIn {
  millis: number;
  answers: number;
  left: number;
}

/** Nobody stood in. */
export const NOTHING: StoodIn = { millis: 0, answers: 0, left: 0 };

export interface Taken {
  files: SessionFiles;
  /** What the agent before left for the next. */
  note: string;
  connection: KeeperConnection;
}

/**
 * Takes the session from the keeper that listens there; undefined where none does. One that can stand in does so until it
 * is told who serves; of another version, that cannot, it is taken at once.
 */
export function takeFromKeeper(path: string): Taken | undefined {
  const fd = connectOrNone(path);
  if (fd === undefined) return undefined;
  try {
    sendText(fd, "status\n");
    const standsIn = receiveText(fd).text.includes(" stands-in=");
    sendText(fd, standsIn ? "join\n" : "take\n");
    const { text, fds } = receiveText(fd);
    const [deviceFd, stateFd, journalFd] = fds;
    // It ends when its connection does, perhaps just now.
    if (deviceFd === undefined || stateFd === undefined || journalFd === undefined) {
      closeSync(fd);
      return undefined;
    }
    return {
      files: { deviceFd, stateFd, journalFd },
      note: text.trim(),
      connection: new KeeperConnection(fd, standsIn),
    };
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

function connectOrNone(path: string): number | undefined {
  try {
    return connectUnix(path, "stream", LIMIT_MILLIS);
  } catch (error) {
    if (error instanceof SyscallError && NO_KEEPER.has(error.code)) return undefined;
    throw error;
  }
}

export class KeeperConnection {
  /** To be inherited by the file-system process. */
  readonly fd: number;
  readonly #socket: Socket;
  readonly #standsIn: boolean;
  /** Who waits for the keeper to be silent. */
  #relieved: ((stoodIn: StoodIn) => void)[] = [];

  constructor(fd: number, standsIn: boolean) {
    this.fd = fd;
    this.#standsIn = standsIn;
    this.#socket = new Socket({ fd, readable: true, writable: true });
    let text = "";
    this.#socket.on("data", (chunk: Buffer) => {
      const lines = (text + chunk.toString("latin1")).split("\n");
      text = lines.pop() ?? "";
      for (const line of lines) this.#hear(line);
    });
    this.#socket.on("close", () => this.#relieve(NOTHING));
    this.#socket.on("error", () => this.#socket.destroy());
  }

  onceGone(listener: () => void): void {
    this.#socket.once("close", listener);
  }

  /** That process is going to serve; returns when the keeper answers nothing any more, which it does again at its end. */
  serves(pid: number): Promise<StoodIn> {
    if (!this.#standsIn || this.#socket.destroyed) return Promise.resolve(NOTHING);
    this.#socket.write(`serving ${pid}\n`);
    return new Promise((resolve) => this.#relieved.push(resolve));
  }

  /** Requests that are read and not answered stand in the journal: the kernel is not to be asked for them. */
  keepsJournal(): void {
    if (this.#standsIn) this.#socket.write("journal\n");
  }

  /** Leaves a line for the next agent. */
  note(text: string): void {
    this.#socket.write(`note ${text}\n`);
  }

  /** Ends the keeper: the connection to the kernel ends with the last process that holds it. */
  drop(): void {
    this.#socket.write("drop\n");
  }

  close(): void {
    this.#socket.destroy();
  }

  #hear(line: string): void {
    const [, millis, answers, left] = /^stood-in-ms=(\d+) answers=(\d+) left=(\d+)$/.exec(line) ?? [];
    if (millis !== undefined) this.#relieve({ millis: Number(millis), answers: Number(answers), left: Number(left) });
  }

  #relieve(stoodIn: StoodIn): void {
    for (const resolve of this.#relieved.splice(0)) resolve(stoodIn);
  }
}
