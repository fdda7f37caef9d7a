// Tools that watch for a given time, print and end: top, mpstat, sar, vmstat.

import { SPARE_MILLIS, type Tool, toMillis, windowUntil } from "./tool.ts";

export function printed(
  argv: (seconds: number) => readonly string[],
  parse: (output: string) => number,
): Tool["measure"] {
  return async (place, seconds) => {
    const { output, lastMillis } = await place.output(argv(seconds), toMillis(seconds) + SPARE_MILLIS);
    return { shownPercent: parse(output), window: windowUntil(lastMillis, seconds) };
  };
}
