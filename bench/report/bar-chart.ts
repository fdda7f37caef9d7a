// A bar chart in SVG, with a logarithmic axis: groups of bars, one bar a series.

export interface BarChart {
  title: string;
  series: readonly string[];
  /** A value for each series; null leaves the place empty. */
  groups: readonly { name: string; values: readonly (number | null)[] }[];
  /** How a value is written on its bar. */
  write: (value: number) => string;
}

const COLOURS = ["#8c959f", "#0969da", "#54aeff", "#cf222e", "#bf8700", "#8250df"];
const WIDTH = 1000;
const PLOT = { left: 60, right: 980, top: 80, bottom: 400 };
const HEIGHT = 440;

/** The chart as a document of its own, on white, whatever page shows it. */
export function barChart({ title, series, groups, write }: BarChart): string {
  const values = groups.flatMap((group) => group.values).filter((value) => value !== null);
  const decades = range(Math.floor(Math.log10(Math.min(...values))), Math.ceil(Math.log10(Math.max(...values))));
  const [low, high] = [decades[0] ?? 0, Math.max((decades[0] ?? 0) + 1, decades.at(-1) ?? 1)];
  const heightOf = (value: number): number => ((Math.log10(value) - low) / (high - low)) * (PLOT.bottom - PLOT.top);
  const groupWidth = (PLOT.right - PLOT.left) / groups.length;
  const barWidth = (groupWidth * 0.86) / series.length;
  const grid = decades.map((decade) => gridLine(PLOT.bottom - heightOf(10 ** decade), write(10 ** decade)));
  const bars = groups.flatMap(({ name, values: own }, index) => {
    const left = PLOT.left + groupWidth * (index + 0.07);
    const middle = PLOT.left + groupWidth * (index + 0.5);
    return [
      text(middle, PLOT.bottom + 22, name, "middle", 14),
      ...own.flatMap((value, place) =>
        value === null ? [] : bar(left + place * barWidth, barWidth - 2, heightOf(value), COLOURS[place], write(value)),
      ),
    ];
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" fill="#1f2328">`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#ffffff"/>`,
    text(PLOT.left, 28, title, "start", 17),
    ...series.flatMap((name, place) => legend(PLOT.left + place * 180, name, COLOURS[place])),
    ...grid,
    ...bars,
    "</svg>\n",
  ].join("\n");
}

function bar(x: number, width: number, height: number, colour: string | undefined, label: string): string[] {
  const y = PLOT.bottom - height;
  return [
    `<rect x="${fixed(x)}" y="${fixed(y)}" width="${fixed(width)}" height="${fixed(height)}" fill="${colour}"/>`,
    text(x + width / 2, y - 4, label, "middle", 10),
  ];
}

function gridLine(y: number, label: string): string {
  const line = `<line x1="${PLOT.left}" x2="${PLOT.right}" y1="${fixed(y)}" y2="${fixed(y)}" stroke="#d0d7de"/>`;
  return `${line}\n${text(PLOT.left - 6, y + 4, label, "end", 11)}`;
}

function legend(x: number, name: string, colour: string | undefined): string[] {
  return [`<rect x="${x}" y="44" width="12" height="12" fill="${colour}"/>`, text(x + 18, 55, name, "start", 13)];
}

function text(x: number, y: number, content: string, anchor: string, size: number): string {
  const escaped = content.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  return `<text x="${fixed(x)}" y="${fixed(y)}" font-size="${size}" text-anchor="${anchor}">${escaped}</text>`;
}

const fixed = (value: number): string => value.toFixed(1);

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}
