// Draws `panels` (page.ts) with uPlot, in a browser.
/* global panels, uPlot */

const COLORS = [
  "#3274d9",
  "#e0752d",
  "#37872d",
  "#8f3bb8",
  "#c4162a",
  "#e0b400",
  "#1f9e9e",
  "#7c5c46",
  "#d44a9c",
  "#6e7680",
  "#75b843",
  "#5b4bb5",
  "#b58b00",
  "#2b5797",
  "#a0522d",
];

/** From the largest: how much one is, and how it is called. */
const SCALES = {
  s: [
    [1, " s"],
    [1e-3, " ms"],
    [1e-6, " µs"],
  ],
  bytes: [
    [2 ** 30, " GiB"],
    [2 ** 20, " MiB"],
    [2 ** 10, " KiB"],
    [1, " B"],
  ],
  reqps: [
    [1e3, "k/s"],
    [1, "/s"],
  ],
  dtdurations: [
    [86400, " days"],
    [3600, " h"],
    [1, " s"],
  ],
};

function format(unit, value, digits = 3) {
  if (value === null || value === undefined) return "";
  if (value === 0) return "0";
  const scales = SCALES[unit] ?? [[1, ""]];
  const [one, name] = scales.find(([size]) => Math.abs(value) >= size) ?? scales.at(-1);
  return `${Number((value / one).toPrecision(digits))}${name}`;
}

function element(name, className, text = "") {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = text;
  return made;
}

const MINUTES = [1, 2, 5, 10, 30, 60, 120].map((minutes) => minutes * 60);
const POWERS_OF_TWO = Array.from({ length: 50 }, (_, power) => 2 ** power);

const last = (values) => values.findLast((value) => value !== null) ?? 0;

/** Those that were never anything but 0 say nothing where there are many. */
function worthShowing(series) {
  const moved = series.filter(({ values }) => values.some((value) => value !== 0 && value !== null));
  return series.length > 6 && moved.length > 0 ? moved : series;
}

function sums(series) {
  const below = [];
  return series.map(({ values }) => values.map((value, at) => (below[at] = (below[at] ?? 0) + (value ?? 0))));
}

function legendFor(series, unit) {
  const legend = element("div", "legend");
  for (const [index, { name, values }] of series.entries()) {
    const entry = element("span", "", `${name} ${format(unit, last(values))}`);
    const mark = element("i", "");
    mark.style.background = COLORS[index % COLORS.length];
    entry.prepend(mark);
    legend.append(entry);
  }
  return legend;
}

function axesFor(unit) {
  const grid = { stroke: "#e9ebee", width: 1 };
  const axis = { stroke: "#666e76", grid, ticks: grid, font: "11px DejaVu Sans" };
  const values = (_, ticks) => ticks.map((tick) => format(unit, tick));
  return [
    { ...axis, values: clock, incrs: MINUTES, space: 50, size: 26 },
    { ...axis, values, size: 68, space: 28, ...(unit === "bytes" && { incrs: POWERS_OF_TWO }) },
  ];
}

function graph(box, { unit, stacked, times, series: all }) {
  const series = worthShowing(all);
  const lines = stacked ? sums(series) : series.map(({ values }) => values);
  const legend = legendFor(series, unit);
  box.append(legend);
  // The topmost sum is drawn first: each covers what is below it.
  const order = series.map((_, index) => index);
  if (stacked) order.reverse();
  const options = {
    width: box.clientWidth - 16,
    height: box.clientHeight - legend.offsetHeight - 32,
    legend: { show: false },
    cursor: { show: false },
    scales: { y: { range: (_, __, max) => [0, max > 0 ? max * 1.1 : 1] } },
    axes: axesFor(unit),
    series: [
      {},
      ...order.map((index) => ({
        stroke: COLORS[index % COLORS.length],
        width: stacked ? 1 : 1.6,
        points: { show: false },
        ...(stacked && { fill: tinted(COLORS[index % COLORS.length]) }),
      })),
    ],
  };
  new uPlot(options, [times, ...order.map((index) => lines[index])], box.insertBefore(element("div", ""), legend));
}

function clock(_, ticks) {
  return ticks.map((tick) => new Date(tick * 1000).toISOString().slice(11, 16));
}

/** Opaque, so that what is below in the stack covers it. */
function tinted(color) {
  const parts = [1, 3, 5].map((at) => Number.parseInt(color.slice(at, at + 2), 16));
  return `rgb(${parts.map((part) => Math.round(part * 0.35 + 255 * 0.65)).join(",")})`;
}

for (const panel of panels) {
  const { x, y, w, h } = panel.place;
  const box = element("section", panel.type === "row" ? "row" : `panel ${panel.type}`);
  box.style.gridArea = `${y + 1} / ${x + 1} / span ${h} / span ${w}`;
  document.querySelector("main").append(box);
  if (panel.type === "row") {
    box.textContent = panel.title;
    continue;
  }
  box.append(element("h2", "", panel.title));
  const [first] = panel.series;
  if (panel.type === "stat") box.append(element("output", "", format(panel.unit, first && last(first.values))));
  else graph(box, panel);
}
