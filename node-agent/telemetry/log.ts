// The agent's log: JSON lines of pino on stderr, one for each event that an operator may have to act on.

import { type Logger, pino } from "pino";

export type { Logger } from "pino";
export const LOG_LEVELS = ["debug", "info", "warn", "error"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

const STDERR_FD = 2;

export function createLog(level: LogLevel): Logger {
  return pino(
    {
      level,
      base: { name: "procview-agent", pid: process.pid },
      formatters: { level: (label) => ({ level: label }) },
      timestamp: pino.stdTimeFunctions.isoTime,
    },
    pino.destination({ dest: STDERR_FD, sync: true }),
  );
}
