// Files of the host that views are made of, read and parsed once for all containers that ask within a short time.

import type { HostFiles } from "../host/host-files.ts";

/** There are some 50 files for each CPU; whoever walks them all starts over. */
const MAX_FILES = 1024;

interface Read {
  at: number;
  /** Undefined: it is not there, or the kernel will not tell. */
  text: string | undefined;
  /** What the parser made of it, once one was asked. */
  parsed?: unknown;
}

export class HostInputs {
  readonly #files: HostFiles;
  readonly #now: () => number;
  readonly #read = new Map<string, Read>();

  /** `now` tells milliseconds. */
  constructor(files: HostFiles, now: () => number) {
    this.#files = files;
    this.#now = now;
  }

  /** The text of a file as it was at most `maxAgeMillis` ago. Throws HostFileError. */
  text(path: string, maxAgeMillis: number): string {
    return this.#at(path, maxAgeMillis).text ?? this.#files.text(path);
  }

  /** As `text`; undefined where the file is not there or the kernel will not tell. */
  textIfAny(path: string, maxAgeMillis: number): string | undefined {
    return this.#at(path, maxAgeMillis).text;
  }

  /** What `parse`, always the same for a path, makes of it. Throws HostFileError, ParseError. */
  parsed<Value>(path: string, maxAgeMillis: number, parse: (text: string) => Value): Value {
    const read = this.#at(path, maxAgeMillis);
    read.parsed ??= parse(read.text ?? this.#files.text(path));
    return read.parsed as Value;
  }

  #at(path: string, maxAgeMillis: number): Read {
    const now = this.#now();
    const known = this.#read.get(path);
    if (known !== undefined && now - known.at < maxAgeMillis) return known;
    const text = this.#files.textIfAny(path);
    if (known !== undefined && known.text === text) {
      known.at = now;
      return known;
    }
    if (this.#read.size >= MAX_FILES) this.#read.clear();
    const read = { at: now, text };
    this.#read.set(path, read);
    return read;
  }
}
