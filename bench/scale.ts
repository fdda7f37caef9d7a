// `npm run bench:scale`: what many containers that poll cost the server.

import { POLLED_FILES } from "./files.ts";
import { measureScale } from "./measure-scale.ts";
import { scaleSection } from "./report/document.ts";
import { targetTable } from "./report/targets.ts";
import { runBench } from "./run-bench.ts";
import { LXCFS } from "./sides/lxcfs.ts";
import { PROCVIEW } from "./sides/procview.ts";

const FULL = { containerCounts: [10, 100, 500], rounds: 3, seconds: 10, warmupSeconds: 20 };
const QUICK = { containerCounts: [3], rounds: 1, seconds: 1, warmupSeconds: 1 };

await runBench(async ({ quick, files = [...POLLED_FILES] }, program, cgroups) => {
  const scale = await measureScale({ files, ...(quick ? QUICK : FULL) }, program, cgroups, [PROCVIEW, LXCFS]);
  console.log(`${targetTable({ scale })}\n\n${scaleSection(scale)}`);
  return { scale };
});
