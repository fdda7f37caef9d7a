// The two sides of a container: the same processes, cgroup, pid and time namespace, and a mount namespace for each of
// procview's and lxcfs's files. `procview run` binds its own; for lxcfs they are taken away and lxcfs's put in their place,
// as its mount hook for LXC does.

import { existsSync, readFileSync } from "node:fs";
import { parseMountinfo } from "../node-agent/procfs/mountinfo.ts";
import { isRunning, start, until } from "./children.ts";
import type { Container } from "./container.ts";

export type SideName = "procview" | "lxcfs";

export interface Side {
  name: SideName;
  /** A process whose mount namespace has this side's files, as the host numbers it. */
  mountsOf: number;
}

const BIND_LXCFS = `
lxcfs=$1
shift
for place in "$@"; do umount -l "$place" || exit; done
for file in "$lxcfs"/proc/*; do mount -n --bind "$file" "/proc/\${file##*/}" || exit; done
mount -n --bind "$lxcfs/sys/devices/system/cpu" /sys/devices/system/cpu || exit
echo bound
exec sleep 1000
`;
const ENTER_CGROUPS = 'while [ "$1" != -- ]; do echo $$ >"$1/cgroup.procs" || exit; shift; done; shift; exec "$@"';
const BIND_LIMIT_MILLIS = 10_000;

export function procviewSide({ init }: Container): Side {
  return { name: "procview", mountsOf: init };
}

/** A mount namespace in the container that ends with it. The process that holds it is in no cgroup of the container. */
export async function lxcfsSide(container: Container, directory: string): Promise<Side> {
  const places = placesOfProcview(container.init);
  const bind = ["unshare", "--mount", "--propagation", "private", "sh", "-c", BIND_LXCFS, "sh", directory, ...places];
  const child = start(["nsenter", `--target=${container.init}`, "--mount", "--pid", "--", ...bind]);
  let said = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on("data", (chunk: Buffer) => {
      said += chunk.toString();
    });
  }
  await until("the files of lxcfs are bound", BIND_LIMIT_MILLIS, () => {
    if (!isRunning(child)) throw new Error(`Cannot bind the files of lxcfs: ${said.trim()}`);
    return said.includes("bound") || undefined;
  });
  return { name: "lxcfs", mountsOf: onlyChildOf(child.pid ?? 0) };
}

/**
 * Runs a program as a process of the container that sees that side's files. It enters the cgroups last, so that what it
 * takes to get there is none of the container's use.
 */
export function inside({ init, directories }: Container, side: Side, argv: readonly string[]): string[] {
  const timeNamespace = `/proc/${init}/ns/time`;
  const namespaces = [
    `--mount=/proc/${side.mountsOf}/ns/mnt`,
    `--pid=/proc/${init}/ns/pid`,
    ...(existsSync(timeNamespace) ? [`--time=${timeNamespace}`] : []),
  ];
  return ["nsenter", ...namespaces, "--", "sh", "-c", ENTER_CGROUPS, "sh", ...directories, "--", ...argv];
}

/** Where procview's files are bound, the last first. */
function placesOfProcview(pid: number): string[] {
  return parseMountinfo(readFileSync(`/proc/${pid}/mountinfo`, "latin1"))
    .filter(({ fsType }) => fsType === "fuse.procview")
    .map(({ mountPoint }) => mountPoint)
    .reverse();
}

/** nsenter forks to be in the pid namespace. */
function onlyChildOf(pid: number): number {
  const pids = readFileSync(`/proc/${pid}/task/${pid}/children`, "latin1").trim().split(" ");
  return Number(pids[0]);
}
