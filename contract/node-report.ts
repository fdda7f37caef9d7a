// What an agent tells of its containers at /containers: how it stood with each file after its last round.

import type { ContainerName } from "./container-names.ts";

export interface NodeReport {
  node: string;
  /** Why the agent is not ready; absent where it is. */
  notReady?: string;
  containers: readonly ReportedContainer[];
}

export interface ReportedContainer {
  /** The runtime's. */
  id: string;
  /** Absent for one that is of no pod, or not known yet. */
  name?: ContainerName;
  /** By path of the tree, the words of node-agent/attach/states.ts. */
  files: Readonly<Record<string, string>>;
  /** Where something could not be done: words of node-agent/attach/outcomes.ts. */
  troubles: readonly string[];
}
