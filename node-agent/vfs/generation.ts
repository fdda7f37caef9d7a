// A generation of a file: what is told of it, where it comes from, who asks for it and what the answer is.

import type { Contact } from "./turn.ts";
import type { WaitingRequest } from "./waiting.ts";

export interface Generation {
  sizeBytes: number;
  /** Wall-clock milliseconds of the rendering, and a count that tells two within one millisecond apart. */
  mtimeMillis: number;
  generation: number;
  /** For how long the kernel may believe this. */
  validMillis: number;
}

/** Where the content of a generation comes from. */
export interface Source {
  render(): Buffer;
  fallback(): Buffer;
  /** `render` threw; told what is served instead. */
  failed(error: unknown, served: "last good" | "fallback"): void;
  /** A new rendering is shown although someone may be in the middle of the one before. */
  forced(): void;
  /** For how long a rendering may be shown, in milliseconds. */
  maxAgeMillis: number;
  /** Whether a thread runs, or waits for us, with this file open. */
  isReading(tid: number): boolean;
  /** Whether the container has been seen for so long that its limits are in place. */
  limitsSettled: boolean;
}

/** Someone asks for attributes; with a request that may wait. */
export interface Asker {
  contact: Contact;
  tid: number;
  request?: Omit<WaitingRequest, "tid"> | undefined;
}

/**
 * What is done with the kernel's pages: others than the asker have read of them lately, so they are dropped; else the new
 * content, of the same size as the old, takes its place. One who is within a read(2) would find the two mixed.
 */
export type Turning = "drop" | Buffer;

export interface Answer {
  /** Undefined: the asker waits until a later answer releases it. */
  generation: Generation | undefined;
  /** Requests that wait no longer: they get `released`, whoever asked. */
  released: readonly WaitingRequest[];
  /** The asker is the first to wait: see to it that `overdue` is called. */
  firstToWait: boolean;
  /** Nobody may hear of the new generation before that is done with the kernel's pages; then call `turned`. */
  turning: Turning | undefined;
}
