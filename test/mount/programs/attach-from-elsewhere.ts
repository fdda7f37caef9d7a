// Attaches from a mount namespace in which the tree is not mounted, as the agent in its own container does:
// MOUNT_ROOT HOME_PID PID, prints what became of the files.

import { Attacher } from "../../../node-agent/attach/attacher.ts";
import { findContainerOf } from "../../../node-agent/attach/find-containers.ts";
import { goRound } from "../../../node-agent/attach/round.ts";
import { Containers } from "../../../node-agent/container/containers.ts";
import { findHierarchies } from "../../../node-agent/container/hierarchies.ts";
import { ContainerResolver } from "../../../node-agent/container/resolve-container.ts";
import { HostFiles } from "../../../node-agent/host/host-files.ts";
import { mountSource } from "../../../node-agent/session/mount-names.ts";

const [mountRoot = "", homePid, pid] = process.argv.slice(2);
const files = new HostFiles();
const containers = new Containers(files, new ContainerResolver(files, findHierarchies(files)));
const found = findContainerOf(files, containers, Number(pid));
const attacher = new Attacher({ homePid: Number(homePid) });
const around = { files, attacher, homePid: Number(homePid), mountRoot };
const reports = await goRound({ ...around, source: mountSource(mountRoot) }, found === undefined ? [] : [found], {
  wanted: () => ["proc/meminfo"],
});
attacher.close();
process.stdout.write(`${reports.flatMap(({ places }) => places.map(({ outcome }) => outcome)).join(" ")}\n`);
