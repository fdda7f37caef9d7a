// Tools that draw on a screen and draw again after a given time: htop.

import type { Screen } from "../terminal.ts";
import { SPARE_MILLIS, type Tool, toMillis, windowUntil } from "./tool.ts";

/** `parse` gives undefined for a screen that does not show it (yet). */
export function drawn(
  argv: (seconds: number) => readonly string[],
  parse: (screen: string) => number | undefined,
): Tool["measure"] {
  return async (place, seconds) => {
    let last: Screen | undefined;
    // The first screens are of the moment of its start.
    const enough = (screens: readonly Screen[]): boolean => {
      const showing = screens.filter(({ text }) => parse(text) !== undefined);
      last = showing.at(-1);
      return last !== undefined && last.millis - (showing[0] as Screen).millis > toMillis(seconds) / 2;
    };
    await place.watch({ argv: argv(seconds), enough, limitMillis: toMillis(seconds) + SPARE_MILLIS });
    const { text, millis } = last as unknown as Screen;
    return { shownPercent: parse(text) as number, window: windowUntil(millis, seconds) };
  };
}
