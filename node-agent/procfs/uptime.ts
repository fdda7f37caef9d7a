// /proc/uptime: seconds since boot, and idle seconds summed over all CPUs; both with two decimals.

import { ParseError } from "./parse-error.ts";

export interface Uptime {
  upSeconds: number;
  idleSeconds: number;
}

/** Throws ParseError unless it holds two decimal numbers. */
export function parseUptime(text: string): Uptime {
  const match = /^(\d+\.\d\d) (\d+\.\d\d)\n$/.exec(text);
  if (match === null) throw new ParseError("uptime", text, "two numbers of seconds");
  return { upSeconds: Number(match[1]), idleSeconds: Number(match[2]) };
}

export function formatUptime({ upSeconds, idleSeconds }: Uptime): string {
  return `${upSeconds.toFixed(2)} ${idleSeconds.toFixed(2)}\n`;
}
