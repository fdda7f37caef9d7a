// lxcfs, served for the time of the comparison with its most favourable settings: CPUs by quota, load averages.

import { mkdirSync, readFileSync, rmdirSync } from "node:fs";
import { parseMountinfo } from "../node-agent/procfs/mountinfo.ts";
import { end, isRunning, outputOf, start, until } from "./children.ts";

const START_LIMIT_MILLIS = 10_000;
const UNMOUNT_LIMIT_MILLIS = 5000;

export interface Lxcfs extends AsyncDisposable {
  directory: string;
}

/** Serves at `lxcfs` below a directory, which must be there before the containers are: they inherit the mount. */
export async function startLxcfs(parent: string): Promise<Lxcfs> {
  const directory = `${parent}/lxcfs`;
  mkdirSync(directory);
  const pidFile = `${parent}/lxcfs.pid`;
  const child = start(["lxcfs", "--foreground", "--enable-cfs", "--enable-loadavg", "--pidfile", pidFile, directory]);
  let log = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on("data", (chunk: Buffer) => {
      log += chunk.toString();
    });
  }
  const lxcfs: Lxcfs = {
    directory,
    async [Symbol.asyncDispose]() {
      await end(child);
      if (isMounted(directory)) await outputOf(["umount", "-l", directory], UNMOUNT_LIMIT_MILLIS);
      rmdirSync(directory);
    },
  };
  try {
    await until("lxcfs serves", START_LIMIT_MILLIS, () => {
      if (!isRunning(child)) throw new Error(`lxcfs ended: ${log.trim()}`);
      return isMounted(directory) || undefined;
    });
    return lxcfs;
  } catch (error) {
    await lxcfs[Symbol.asyncDispose]();
    throw error;
  }
}

function isMounted(directory: string): boolean {
  return parseMountinfo(readFileSync("/proc/self/mountinfo", "latin1")).some(
    ({ mountPoint }) => mountPoint === directory,
  );
}
