// What going round containers needs, for an agent that serves at a root.

import { Attacher } from "../attach/attacher.ts";
import type { Surroundings } from "../attach/round.ts";
import { Containers } from "../container/containers.ts";
import { findHierarchies } from "../container/hierarchies.ts";
import { ContainerResolver } from "../container/resolve-container.ts";
import { HostFiles } from "../host/host-files.ts";
import { mountSource } from "../session/mount-names.ts";
import { type AgentOptions, agentPaths } from "./agent-options.ts";

/** `homePid` is 1 for an agent that mounts in the host's mount namespace from its own. */
export function surroundingsOf({
  root,
  hostMountNamespace,
}: Pick<AgentOptions, "root" | "hostMountNamespace">): Surroundings & { containers: Containers } {
  const { mountPoint } = agentPaths(root);
  const files = new HostFiles();
  const homePid = hostMountNamespace === undefined ? "self" : 1;
  return {
    files,
    homePid,
    mountRoot: mountPoint,
    source: mountSource(mountPoint),
    attacher: new Attacher({ homePid }),
    containers: new Containers(files, new ContainerResolver(files, findHierarchies(files))),
  };
}
