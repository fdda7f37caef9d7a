// Writes the dashboard into the chart: `npm run docs`.

import { writeFileSync } from "node:fs";
import { grafanaDashboard } from "./grafana.ts";
import { ROWS } from "./panels.ts";

export const DASHBOARD: URL = new URL("../../charts/procview/files/dashboard.json", import.meta.url);

/** The text of dashboard.json as it should be. */
export function dashboardText(): string {
  return `${JSON.stringify(grafanaDashboard(ROWS), undefined, 1)}\n`;
}

if (import.meta.main) writeFileSync(DASHBOARD, dashboardText());
