// format(parse(text)) === text for every file of every captured machine.

import assert from "node:assert/strict";
import { test } from "node:test";
import { formatCpuList, formatCpuMask, parseCpuList, parseCpuMask } from "../../../node-agent/procfs/cpu-list.ts";
import { formatCpuinfo, parseCpuinfo } from "../../../node-agent/procfs/cpuinfo.ts";
import { formatDiskstats, parseDiskstats } from "../../../node-agent/procfs/diskstats.ts";
import { formatLoadavg, parseLoadavg } from "../../../node-agent/procfs/loadavg.ts";
import { formatMeminfo, parseMeminfo } from "../../../node-agent/procfs/meminfo.ts";
import { formatPartitions, parsePartitions } from "../../../node-agent/procfs/partitions.ts";
import { formatSlabinfo, parseSlabinfo } from "../../../node-agent/procfs/slabinfo.ts";
import { formatStat, parseStat } from "../../../node-agent/procfs/stat.ts";
import { formatSwaps, parseSwaps } from "../../../node-agent/procfs/swaps.ts";
import { formatUptime, parseUptime } from "../../../node-agent/procfs/uptime.ts";
import { formatVmstat, parseVmstat } from "../../../node-agent/procfs/vmstat.ts";
import { archiveOf, HOSTS } from "../../fixture-host.ts";

const ROUND_TRIPS: readonly { path: RegExp; roundTrip: (text: string) => string }[] = [
  { path: /^proc\/meminfo$/, roundTrip: (text) => formatMeminfo(parseMeminfo(text)).toString("latin1") },
  { path: /^proc\/cpuinfo(\.linux32)?$/, roundTrip: (text) => formatCpuinfo(parseCpuinfo(text)) },
  { path: /^proc\/stat$/, roundTrip: (text) => formatStat(parseStat(text)).toString("latin1") },
  { path: /^proc\/uptime$/, roundTrip: (text) => formatUptime(parseUptime(text)) },
  { path: /^proc\/loadavg$/, roundTrip: (text) => formatLoadavg(parseLoadavg(text)) },
  { path: /^proc\/swaps$/, roundTrip: (text) => formatSwaps(parseSwaps(text)) },
  { path: /^proc\/diskstats$/, roundTrip: (text) => formatDiskstats(parseDiskstats(text)).toString("latin1") },
  { path: /^proc\/partitions$/, roundTrip: (text) => formatPartitions(parsePartitions(text)) },
  { path: /^proc\/vmstat$/, roundTrip: (text) => formatVmstat(parseVmstat(text)) },
  { path: /^proc\/slabinfo$/, roundTrip: (text) => formatSlabinfo(parseSlabinfo(text)) },
  { path: /^sys\/devices\/system\/cpu\/.*_list$/, roundTrip: (text) => `${formatCpuList(parseCpuList(text))}\n` },
  {
    path: /^sys\/devices\/system\/cpu\/(online|possible|present|offline)$/,
    roundTrip: (text) => `${formatCpuList(parseCpuList(text))}\n`,
  },
  {
    path: /^sys\/devices\/.*_(cpus|siblings|map)$/,
    roundTrip: (text) => `${formatCpuMask(parseCpuMask(text), text)}\n`,
  },
];

for (const host of HOSTS) {
  test(`${host}: every file is printed as it was parsed`, () => {
    let compared = 0;
    for (const { path, content } of archiveOf(host)) {
      const row = ROUND_TRIPS.find((candidate) => candidate.path.test(path));
      if (row === undefined || content === undefined || content === "") continue;
      assert.equal(row.roundTrip(content), content, path);
      compared += 1;
    }
    assert.ok(compared > 10, `only ${compared} files compared`);
  });
}
