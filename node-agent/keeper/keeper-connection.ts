// A connection to the keeper: takes the session over, and is a lease on it for as long as it is open in any process.

import { closeSync } from "node:fs";
import { Socket } from "node:net";
import { SyscallError } from "../linux/syscalls.ts";
import { connectUnix, receiveText, sendText } from "../linux/unix-socket.ts";
import type { SessionFiles } from "../session/session-files.ts";

const LIMIT_MILLIS = 2000;
const NO_KEEPER = new Set(["ENOENT", "ECONNREFUSED"]);

export interface Taken {
  files: SessionFiles;
  /** What the agent before left for the next. */
  note: string;
  connection: KeeperConnection;
}

/** Takes the session from the keeper that listens there; undefined where none does. */
export function takeFromKeeper(path: string): Taken | undefined {
  const fd = connectOrNone(path);
  if (fd === undefined) return undefined;
  try {
    sendText(fd, "take\n");
    const { text, fds } = receiveText(fd);
    const [deviceFd, stateFd, journalFd] = fds;
    // It ends when its connection does, perhaps just now.
    if (deviceFd === undefined || stateFd === undefined || journalFd === undefined) {
      closeSync(fd);
      return undefined;
    }
    return { files: { deviceFd, stateFd, journalFd }, note: text.trim(), connection: new KeeperConnection(fd) };
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

  constructor(fd: number) {
    this.fd = fd;
    this.#socket = new Socket({ fd, readable: true, writable: true });
    // Answers are of no interest, the end is.
    this.#socket.resume();
    this.#socket.on("error", () => this.#socket.destroy());
  }

  onceGone(listener: () => void): void {
    this.#socket.once("close", listener);
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
}
