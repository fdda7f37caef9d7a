// What is known of a tool that shows CPU %, and what it is given to be measured.

import type { Printed } from "../children.ts";
import type { Watch } from "../terminal.ts";
import type { Window } from "../usage-window.ts";

/** A side of a container, where a tool runs. */
export interface Place {
  /** The command that runs a program there. */
  command(argv: readonly string[]): string[];
  /** Runs a program there to its end. */
  output(argv: readonly string[], limitMillis: number): Promise<Printed>;
  /** Runs a program there that draws on a screen. */
  watch(watch: Watch): Promise<void>;
  /** CPUs the container is shown. */
  visible: number;
  /** When the load began, of performance.now(). */
  loadStartMillis: number;
}

/** What a tool showed, and of which time. */
export interface Reading {
  shownPercent: number;
  window: Window;
}

export interface Tool {
  name: string;
  /** Debian package, and a file that shows it is there. */
  package: string;
  file: string;
  /**
   * What 100 % is. "share": all that the container may use, for tools that ask how busy the CPUs are. "cpus": the CPUs
   * shown, for tools that add up the time of processes: a process has used what it has used, whatever its quota.
   */
  of: "share" | "cpus";
  /**
   * Measured before the others start: it adds up processes, and what each has used below a tick of 10 ms is lost. With
   * all the other tools among them that is a percent or two.
   */
  first?: true;
  measure(place: Place, seconds: number): Promise<Reading>;
}

/** What a tool may take beyond the time it watches: a container at its quota starts programs slowly. */
export const SPARE_MILLIS = 15_000;

const MILLIS_PER_SECOND = 1000;

/** A tool that watches for so long shows what it saw at once. */
export function windowUntil(shownMillis: number, seconds: number): Window {
  return { fromMillis: shownMillis - seconds * MILLIS_PER_SECOND, toMillis: shownMillis };
}

export function toMillis(seconds: number): number {
  return seconds * MILLIS_PER_SECOND;
}
