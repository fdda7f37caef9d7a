// docs/prometheus.yaml as tests use it: with pods from a file, and seconds for minutes.

import { readFileSync } from "node:fs";
import { parse } from "yaml";

const CONFIG = new URL("../../docs/prometheus.yaml", import.meta.url);
const ALERTS = new URL("../../charts/procview/files/alerts.yaml", import.meta.url);

/** The shipped alerts, where what is waited for in minutes is waited for in seconds. */
export const SOONER: string = readFileSync(ALERTS, "utf8").replaceAll(/^( *for: )(\d+)m$/gm, "$1$2s");

/** `podsFile` has what kubernetes_sd_configs would find: see test/cluster/pod-discovery.ts. */
export function scrapeConfig(podsFile: string, seconds: number): object {
  const { scrape_configs: jobs } = parse(readFileSync(CONFIG, "utf8")) as {
    scrape_configs: { kubernetes_sd_configs?: object[] }[];
  };
  const interval = `${seconds}s`;
  return {
    global: { scrape_interval: interval, scrape_timeout: interval, evaluation_interval: interval },
    scrape_configs: jobs.map(({ kubernetes_sd_configs: _, ...job }) => ({
      ...job,
      file_sd_configs: [{ files: [podsFile], refresh_interval: "5s" }],
    })),
  };
}
