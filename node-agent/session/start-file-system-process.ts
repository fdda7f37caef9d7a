// What the supervisor runs: the workers first, then the rest.

import "./workers.ts";

await import("./file-system-process.ts");
