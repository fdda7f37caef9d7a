// Tools that tell what processes have used since they began: ps. Asked once the load has run for the given time.

import { setTimeout as sleep } from "node:timers/promises";
import { SPARE_MILLIS, type Tool, toMillis } from "./tool.ts";

/** `parse` gives the sum of all processes in % of one CPU. */
export function lifetime(argv: readonly string[], parse: (output: string) => number): Tool["measure"] {
  return async (place, seconds) => {
    await sleep(place.loadStartMillis + toMillis(seconds) - performance.now());
    const { output, lastMillis } = await place.output(argv, SPARE_MILLIS);
    return {
      shownPercent: parse(output) / place.visible,
      window: { fromMillis: place.loadStartMillis, toMillis: lastMillis },
    };
  };
}
