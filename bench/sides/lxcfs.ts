// lxcfs with what Kubernetes set-ups ask of it: load averages, and CPUs by quota. Without these it shows less.

import { spawnSync } from "node:child_process";
import { Server } from "../machine/server.ts";
import { LXCFS_NAME } from "../report/side-names.ts";
import type { Side } from "./side.ts";

const FLAGS = ["--enable-loadavg", "--enable-cfs"];

export const LXCFS: Side = {
  name: LXCFS_NAME,
  version() {
    const { status, stdout, stderr } = spawnSync("lxcfs", ["--version"], { encoding: "utf8", timeout: 5000 });
    if (status !== 0) throw new Error("lxcfs is not installed (Debian: apt-get install lxcfs)");
    const version = `${stdout}${stderr}`.replaceAll('"', "").trim();
    return ["lxcfs", version, ...FLAGS].join(" ");
  },
  start: (cgroups) =>
    Server.start(cgroups, {
      name: "lxcfs",
      // Its default pid file is locked by an lxcfs that this machine may run already.
      command: (directory, scratch) => ["lxcfs", "--foreground", `--pidfile=${scratch}/pid`, ...FLAGS, directory],
    }),
};
