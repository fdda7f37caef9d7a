// The tools. THE table.

import { drawn } from "./drawn.ts";
import { lifetime } from "./lifetime.ts";
import { parseHtop } from "./parse-htop.ts";
import { parseNodeExporter } from "./parse-node-exporter.ts";
import { parsePs } from "./parse-ps.ts";
import { parseSysstat } from "./parse-sysstat.ts";
import { parseTop } from "./parse-top.ts";
import { parseVmstat } from "./parse-vmstat.ts";
import { printed } from "./printed.ts";
import { scraped } from "./scraped.ts";
import type { Tool } from "./tool.ts";

const TENTHS = 10;

export const TOOLS: readonly Tool[] = [
  {
    name: "top",
    package: "procps",
    file: "/usr/bin/top",
    of: "share",
    measure: printed((seconds) => ["top", "-b", "-n", "2", "-d", String(seconds)], parseTop),
  },
  {
    name: "htop",
    package: "htop",
    file: "/usr/bin/htop",
    of: "share",
    measure: drawn((seconds) => ["htop", "--delay", String(seconds * TENTHS)], parseHtop),
  },
  {
    name: "mpstat",
    package: "sysstat",
    file: "/usr/bin/mpstat",
    of: "share",
    measure: printed((seconds) => ["mpstat", String(seconds), "1"], parseSysstat),
  },
  {
    name: "sar",
    package: "sysstat",
    file: "/usr/bin/sar",
    of: "share",
    measure: printed((seconds) => ["sar", "-u", String(seconds), "1"], parseSysstat),
  },
  {
    name: "vmstat",
    package: "procps",
    file: "/usr/bin/vmstat",
    of: "share",
    measure: printed((seconds) => ["vmstat", String(seconds), "2"], parseVmstat),
  },
  {
    name: "ps",
    package: "procps",
    file: "/usr/bin/ps",
    of: "cpus",
    first: true,
    measure: lifetime(["ps", "-e", "-o", "etimes=,pcpu="], parsePs),
  },
  {
    name: "node_exporter",
    package: "prometheus-node-exporter",
    file: "/usr/bin/prometheus-node-exporter",
    of: "share",
    measure: scraped(
      (address) => [
        "prometheus-node-exporter",
        "--collector.disable-defaults",
        "--collector.cpu",
        `--web.listen-address=${address}`,
      ],
      parseNodeExporter,
    ),
  },
];
