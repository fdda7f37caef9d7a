// Starts a keeper over a session: see keeper/keeper.c.

import { spawnSync } from "node:child_process";
import { closeSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { memfdCreate } from "../linux/syscalls.ts";
import type { SessionFiles } from "../session/session-files.ts";
import { keeperProgram } from "./keeper-program.ts";
import { nodeTable } from "./node-table.ts";

const LIMIT_MILLIS = 10_000;

export interface KeeperOptions {
  socket: string;
  /** How long it waits for an agent before it answers with the host's files. */
  graceSeconds: number;
  /** What it then detaches, so that the connection ends with the last container. */
  mountPoint: string;
  /** The file of the host's mount namespace; "" to stay in the agent's. */
  mountNamespace: string;
  /** Where it goes, out of the agent's cgroup: a directory for each hierarchy. */
  cgroups: readonly string[];
  /** Whether it may have the kernel send requests again. */
  resend: boolean;
}

/** Returns once it listens. Throws NoKeeperError where there is none, Error where it does not start. */
export function startKeeper({ deviceFd, stateFd, journalFd }: SessionFiles, options: KeeperOptions): void {
  const programFd = inMemory(keeperProgram());
  try {
    const { socket, graceSeconds, mountPoint, mountNamespace, cgroups } = options;
    const { status, error, stderr } = spawnSync(
      "/proc/self/fd/6",
      [socket, String(graceSeconds), mountPoint, mountNamespace, ...cgroups],
      {
        input: nodeTable(),
        stdio: ["pipe", "ignore", "pipe", deviceFd, stateFd, journalFd, programFd],
        encoding: "utf8",
        timeout: LIMIT_MILLIS,
      },
    );
    if (status !== 0) throw new Error(`The keeper does not start: ${error?.message ?? stderr.trim()}`);
  } finally {
    closeSync(programFd);
  }
}

/** A copy that no file system is kept busy by: a keeper outlives the image that it came from. */
function inMemory(program: string): number {
  const fd = memfdCreate("procview-keeper");
  try {
    writeFileSync(fd, readFileSync(program));
    // What is open for writing is not executed.
    return openSync(`/proc/self/fd/${fd}`, "r");
  } finally {
    closeSync(fd);
  }
}
