#!/usr/bin/env node
// The `procview` program. Plain JavaScript, so that an old Node can say what it lacks.

import module from "node:module";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";

const NEEDED = 24;
if (Number(process.versions.node.split(".")[0]) < NEEDED) {
  process.stderr.write(
    `procview: needs Node ${NEEDED}, this is ${process.version}; "npm ci" in its folder brings one, "npx procview" uses it\n`,
  );
  process.exit(100);
}
// Types are stripped once, not at every start: a fifth of the time and half the memory. In a folder that only its owner
// writes, since what lies there is executed.
module.enableCompileCache(fileURLToPath(new URL("../node_modules/.cache/procview", import.meta.url)));
const { main } = await import("./main.ts");
// kubectl finds its plugins by the names of their files: `kubectl procview` runs kubectl-procview.
const plugin = basename(process.argv[1] ?? "").startsWith("kubectl-") ? ["kubectl"] : [];
process.exitCode = await main([...plugin, ...process.argv.slice(2)]);
