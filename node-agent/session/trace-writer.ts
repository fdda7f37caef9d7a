// Where --trace writes: at once, since what a worker writes to process.stderr passes through the main thread and is lost with
// it. Readers wait for this thread, so it waits for nobody: what a pipe has no room for is counted instead.

import { writeSync } from "node:fs";

const STDERR_FD = 2;

export class TraceWriter {
  readonly #write: (text: string) => void;
  #lost = 0;

  constructor(write: (text: string) => void = (text) => writeSync(STDERR_FD, text)) {
    this.#write = write;
  }

  /** Writes a line, and before it how many there was no room for. */
  line(text: string): void {
    const lost = this.#lost === 0 ? "" : `(no room for ${this.#lost} lines)\n`;
    try {
      this.#write(`${lost}${text}\n`);
      this.#lost = 0;
    } catch {
      this.#lost += 1;
    }
  }
}
