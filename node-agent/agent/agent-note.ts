// What an agent leaves with the keeper for the next one: one line.

import type { ProcessIdentity } from "../linux/pidfd.ts";

export interface AgentNote {
  /** Who answers the kernel: it goes on when its agent dies, and ends when the next one is ready. */
  server?: ProcessIdentity;
  /** "MAJOR:MINOR" of the file system, as in mountinfo. */
  device?: string;
  /** How often the session was taken over. */
  takeovers: number;
}

export function printNote(note: AgentNote): string {
  return JSON.stringify(note);
}

/** A note of another version may be anything: what is not understood counts as absent. */
export function parseNote(text: string): AgentNote {
  let read: unknown;
  try {
    read = JSON.parse(text);
  } catch {
    return { takeovers: 0 };
  }
  const { server, device, takeovers } = (read ?? {}) as Record<string, unknown>;
  return {
    takeovers: typeof takeovers === "number" ? takeovers : 0,
    ...(isIdentity(server) && { server }),
    ...(typeof device === "string" && { device }),
  };
}

function isIdentity(value: unknown): value is ProcessIdentity {
  const { pid, startTicks } = (value ?? {}) as Record<string, unknown>;
  return typeof pid === "number" && pid > 1 && typeof startTicks === "number";
}
