// procview as it comes; and computing at every read, where a second worker pays (docs/adr/0016).

import { version } from "../../contract/version.ts";
import { Server } from "../machine/server.ts";
import { PROCVIEW_0_NAME, PROCVIEW_NAME } from "../report/side-names.ts";
import type { Side } from "./side.ts";

const PROGRAM = new URL("../../cli/procview.js", import.meta.url).pathname;

export const PROCVIEW: Side = procview(PROCVIEW_NAME);
export const PROCVIEW_FRESHNESS_0: Side = procview(PROCVIEW_0_NAME, "--freshness", "0", "--workers", "2");

function procview(name: string, ...flags: string[]): Side {
  return {
    name,
    version: () => ["procview", version, ...flags].join(" "),
    start: (cgroups) =>
      Server.start(cgroups, {
        name: name.replaceAll(/\W+/g, "-"),
        command: (directory) => [process.execPath, PROGRAM, "mount", directory, ...flags],
      }),
  };
}
