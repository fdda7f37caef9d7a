// The workers of this process, started by the import: they load their modules while the main thread loads its own.

import { Worker } from "node:worker_threads";
import type { ServerOptions } from "./server-options.ts";

/** The one argument of the process. */
export const options = JSON.parse(process.argv[2] ?? "") as ServerOptions;

/** What a worker keeps is bounded; what it makes for a request is garbage at once. */
const LIMITS = { maxYoungGenerationSizeMb: 4, maxOldGenerationSizeMb: 28 };

/** Each waits for a message with what to serve. */
export const workers: readonly Worker[] = Array.from(
  { length: options.workers },
  (_, worker) =>
    new Worker(new URL("./worker.ts", import.meta.url), { workerData: { worker }, resourceLimits: LIMITS }),
);
