// `npm run bench`: what a read costs, by file and side.

import { allFiles } from "./files.ts";
import { measureReads } from "./measure-reads.ts";
import { readSection } from "./report/document.ts";
import { targetTable } from "./report/targets.ts";
import { runBench } from "./run-bench.ts";
import { fuseNative } from "./sides/fuse-native.ts";
import { HOST } from "./sides/host.ts";
import { LXCFS } from "./sides/lxcfs.ts";
import { PROCVIEW, PROCVIEW_FRESHNESS_0 } from "./sides/procview.ts";

const FULL = { rounds: 5, windowMillis: 250, warmupReads: 100 };
const QUICK = { rounds: 1, windowMillis: 30, warmupReads: 10 };

await runBench(async ({ quick, files = allFiles() }, program, cgroups) => {
  const sides = [HOST, PROCVIEW, PROCVIEW_FRESHNESS_0, LXCFS, fuseNative(files)];
  const reads = await measureReads({ files, ...(quick ? QUICK : FULL) }, program, cgroups, sides);
  console.log(`${targetTable({ reads })}\n\n${readSection(reads)}`);
  return { reads };
});
