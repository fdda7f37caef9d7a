// htop's screen: "  0[||||||   31.3%]" a CPU, "CPU[||||||   31.3%]" where there is but one. Without options it has a bar for
// each CPU and none for all of them.

const BAR = /(?:^|\s)(?:\d+|CPU)\[\|* *([\d.]+)%\]/gm;

/** The mean of the bars; undefined where there are none. */
export function parseHtop(screen: string): number | undefined {
  const percents = [...screen.matchAll(BAR)].map((match) => Number(match[1]));
  if (percents.length === 0) return undefined;
  return percents.reduce((sum, percent) => sum + percent, 0) / percents.length;
}
