// What is compared: each side serves the same files in its own way.

import type { BenchCgroups } from "../machine/cgroups.ts";
import type { Server } from "../machine/server.ts";

export interface Side {
  name: string;
  /** The command line or the library, for readers of the figures. Throws where it is not installed. */
  version(): string;
  /** Serves until it is stopped; undefined for the kernel, which needs no server. Throws where it cannot run here. */
  start(cgroups: BenchCgroups): Promise<Server | undefined>;
}
