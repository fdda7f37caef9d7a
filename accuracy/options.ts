// What `npm run accuracy` takes: --seconds N, --only TOOL, --write.

import { parseArgs } from "node:util";

export interface Options {
  /** How long each tool watches. */
  seconds: number;
  /** The name of the only tool to measure; all without it. */
  only?: string;
  /** Write docs/accuracy.md. */
  write: boolean;
}

const DEFAULT_SECONDS = 10;
/** htop's delay goes no further. */
const MAX_SECONDS = 10;
const MIN_SECONDS = 2;

/** Throws TypeError or RangeError with what was wrong. */
export function parseOptions(args: readonly string[], tools: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seconds: { type: "string", default: String(DEFAULT_SECONDS) },
      only: { type: "string" },
      write: { type: "boolean", default: false },
    },
  });
  const seconds = Number(values.seconds);
  if (!Number.isInteger(seconds) || seconds < MIN_SECONDS || seconds > MAX_SECONDS) {
    throw new RangeError(`--seconds ${values.seconds}: give a whole number from ${MIN_SECONDS} to ${MAX_SECONDS}`);
  }
  if (values.only !== undefined && !tools.includes(values.only)) {
    throw new RangeError(`--only ${values.only}: no such tool; there are ${tools.join(", ")}`);
  }
  return { seconds, write: values.write, ...(values.only === undefined ? {} : { only: values.only }) };
}
