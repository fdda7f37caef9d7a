#!/usr/bin/env node
// The `procview` program. Plain JavaScript, so that an old Node can say what it lacks.

const NEEDED = 24;
if (Number(process.versions.node.split(".")[0]) < NEEDED) {
  process.stderr.write(
    `procview: needs Node ${NEEDED}, this is ${process.version}; "npm ci" in its folder brings one, "npx procview" uses it\n`,
  );
  process.exit(100);
}
process.removeAllListeners("warning");
const { main } = await import("./main.ts");
process.exitCode = await main(process.argv.slice(2));
