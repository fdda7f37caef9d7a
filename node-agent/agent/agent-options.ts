// What an agent is told: by flags, by the environment, by a file (cli/commands/agent.ts).

import { join } from "node:path";
import type { ServerOptions } from "../session/server-options.ts";

/** The keeper of this package, systemd's file descriptor store, or nobody. */
export const KEEPER_KINDS = ["process", "systemd", "none"] as const;
export type KeeperKind = (typeof KEEPER_KINDS)[number];

export interface AgentOptions {
  /** The directory of all that the agent keeps on the node. */
  root: string;
  /** Address and port of health and metrics. */
  listen: { host: string; port: number };
  server: Omit<ServerOptions, "orphaned">;
  /** Who holds the session while no agent runs. */
  keeper: KeeperKind;
  graceSeconds: number;
  /** Name of the keeper's cgroup, below the root of each hierarchy. */
  keeperCgroup: string;
  /** The file of the mount namespace to mount in; undefined for the agent's own. */
  hostMountNamespace: string | undefined;
  hangMillis: number;
  probeMillis: number;
  unmountOnExit: boolean;
}

/** Where things are below the root. Containers bind what is below `mountPoint`: its place must never change. */
export function agentPaths(root: string): {
  mountPoint: string;
  run: string;
  keeperSocket: string;
  noteFile: string;
  cpuViewsFile: string;
} {
  const run = join(root, "run");
  return {
    mountPoint: join(root, "fs"),
    run,
    keeperSocket: join(run, "keeper.sock"),
    noteFile: join(run, "note.json"),
    cpuViewsFile: join(run, "cpu-views.json"),
  };
}
