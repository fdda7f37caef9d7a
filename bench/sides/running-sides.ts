// Sides that run, and those that cannot, with the reason.

import type { BenchCgroups } from "../machine/cgroups.ts";
import type { Server } from "../machine/server.ts";
import type { SideFacts } from "../report/results.ts";
import type { Side } from "./side.ts";

export interface RunningSide {
  name: string;
  /** undefined for the kernel. */
  server: Server | undefined;
  /** Those of the wanted files that it serves. */
  files: readonly string[];
}

export interface RunningSides extends AsyncDisposable {
  running: readonly RunningSide[];
  facts: readonly SideFacts[];
}

/** Starts every side that can run here; stops them all at the end of the scope. */
export async function startSides(
  sides: readonly Side[],
  cgroups: BenchCgroups,
  files: readonly string[],
): Promise<RunningSides> {
  const running: RunningSide[] = [];
  const facts: SideFacts[] = [];
  for (const side of sides) {
    try {
      const version = side.version();
      const server = await side.start(cgroups);
      running.push({ name: side.name, server, files });
      facts.push({ name: side.name, version, skipped: null });
    } catch (error) {
      facts.push({ name: side.name, version: "", skipped: (error as Error).message });
      console.error(`skipped: ${side.name}: ${(error as Error).message}`);
    }
  }
  return {
    running: running.map((side) => ({ ...side, files: side.server?.serves(files) ?? files })),
    facts,
    async [Symbol.asyncDispose]() {
      for (const { server } of running) await server?.stop();
    },
  };
}
