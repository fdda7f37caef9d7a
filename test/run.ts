// `npm test`: the gate, properties, real mounts on the running kernel, and what is told of them to a real Prometheus.

import { installPackages } from "./packages.ts";
import { conclude, counted, type Totals } from "./totals.ts";

const totals: Totals = { passed: 0, failed: 0, skipped: 0 };

installPackages();
await counted(totals, "npm", ["run", "--silent", "check"]);
await counted(totals, process.execPath, ["--test", "test/property/*.test.ts"]);
// One after the other: each fails if anything is left behind, of whomever.
await counted(totals, process.execPath, ["--test", "--test-concurrency=1", "test/mount/*.test.ts"]);
await counted(totals, process.execPath, ["--test", "--test-concurrency=1", "test/observe/*.test.ts"]);
// Before a real API server, where its program is (test/kube/api-server.ts says which).
await counted(totals, process.execPath, ["--test", "--test-concurrency=1", "test/kube/*.test.ts"]);
conclude("npm test", totals);
