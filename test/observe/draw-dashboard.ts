// Draws docs/dashboard.png: `npm run dashboard`. What dashboard.json shows of an agent, its containers, a webhook and what
// befalls them in some minutes, as a real Prometheus tells it, drawn in headless Chromium.

import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { type AnsweredPanel, pageOf } from "../../docs/dashboard/page.ts";
import { concreteQueries, type ShownPanel } from "../../docs/dashboard/queries.ts";
import { DASHBOARD } from "../../docs/dashboard/write.ts";
import { kill } from "../mount/agents.ts";
import { installMissing } from "../packages.ts";
import type { Prometheus } from "./prometheus.ts";
import { Stage } from "./stage.ts";

const PICTURE = new URL("../../docs/dashboard.png", import.meta.url).pathname;
const SECONDS = Number(process.env["PROCVIEW_DASHBOARD_SECONDS"] ?? "480");
const SCRAPE_SECONDS = 5;
const RATE_INTERVAL = "30s";
/** A machine that does much else stops a process for longer than a node should. */
const AGENT_FLAGS = ["--hang-timeout", "20s", "--probe-timeout", "4s"];
const WIDTH = 1640;
const ROW_PIXELS = 30;

installMissing("the dashboard's picture", [
  ["chromium", "/usr/bin/chromium"],
  ["fonts-dejavu-core", "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"],
  ["prometheus", "/usr/bin/prometheus"],
]);

await using stage = await Stage.open({ containers: 4, scrapeSeconds: SCRAPE_SECONDS, agentFlags: AGENT_FLAGS });
stage.review(12);

/** What happens, in the order in which it does. */
const EVENTS: readonly (() => Promise<void>)[] = [
  async () => {
    for (let n = 0; n < 4; n += 1) await stage.addContainer();
  },
  async () => kill(stage.root.server(stage.agent)),
  async () => {
    await stage.killAgent();
    await stage.startAgent();
  },
  async () => kill(stage.root.keeperPids()[0] as number),
  async () => {
    for (let n = 0; n < 4; n += 1) await stage.addContainer();
  },
];

for (const event of EVENTS) {
  await sleep((SECONDS * 1000) / (EVENTS.length + 1));
  await event();
}
await sleep((SECONDS * 1000) / (EVENTS.length + 1));

const dashboard = JSON.parse(readFileSync(DASHBOARD, "utf8")) as { panels: ShownPanel[] };
/** The same for all, so that lines of a panel share their points. */
const span = { end: Math.floor(Date.now() / 1000), seconds: SECONDS, step: SCRAPE_SECONDS };
draw(await Promise.all(dashboard.panels.map((panel) => answered(stage.prometheus, panel))));

async function answered(prometheus: Prometheus, panel: ShownPanel): Promise<AnsweredPanel> {
  if (panel.targets === undefined) return { ...panel, answers: [] };
  const answers = await Promise.all(
    concreteQueries([panel], RATE_INTERVAL).map(async ({ expr, legend }) => ({
      legend,
      series: await prometheus.range(expr, span),
    })),
  );
  const [first] = answers;
  if (first === undefined || first.series.length === 0) throw new Error(`${panel.title}: no data`);
  return { ...panel, answers };
}

function draw(shown: readonly AnsweredPanel[]): void {
  const folder = mkdtempSync(join(tmpdir(), "procview-dashboard-"));
  const page = join(folder, "page.html");
  const minutes = Math.round(SECONDS / 60);
  const subtitle = `${minutes} minutes of an agent with 4, 8, then 12 containers that read; its server is killed, then the agent, then the keeper`;
  writeFileSync(page, pageOf(shown, subtitle, assets()));
  const rows = Math.max(...shown.map(({ gridPos }) => gridPos.y + gridPos.h));
  const { status, stderr } = spawnSync(
    "chromium",
    [
      ...["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars"],
      ...["--disable-background-networking", "--disable-component-update", "--disable-sync"],
      `--user-data-dir=${folder}/profile`,
      `--window-size=${WIDTH},${rows * ROW_PIXELS + 80}`,
      `--screenshot=${PICTURE}`,
      pathToFileURL(page).href,
    ],
    { encoding: "utf8", timeout: 120_000 },
  );
  rmSync(folder, { recursive: true });
  if (status !== 0) throw new Error(`chromium: ${stderr}`);
  console.log(`${PICTURE}: ${Math.ceil(statSync(PICTURE).size / 1024)} KiB`);
}

function assets(): Parameters<typeof pageOf>[2] {
  const uplot = createRequire(import.meta.url).resolve("uplot/dist/uPlot.iife.min.js");
  const own = (name: string) => readFileSync(new URL(`../../docs/dashboard/${name}`, import.meta.url), "utf8");
  return {
    library: readFileSync(uplot, "utf8"),
    style: readFileSync(join(uplot, "../uPlot.min.css"), "utf8"),
    script: own("page.js"),
    ownStyle: own("page.css"),
  };
}
