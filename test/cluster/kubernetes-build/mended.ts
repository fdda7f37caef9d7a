// The cluster's API server has to be built with a reflect2 that its Go knows: see ./make. One that was built without it is
// told by the names of its source files, and built anew.

import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";

const FOLDER = new URL(".", import.meta.url).pathname;
/** A file that reflect2 has from the first release on that works with Go 1.18. */
const MENDED = "go_above_118.go";

/** Where the cluster's scripts keep what they build. */
export const CLUSTER_HOME: string = process.env["CLUSTER_HOME"] ?? "/var/cache/procview-cluster";

/** The environment to build in; removes a build that cannot serve webhooks, or throws where it is in use. */
export function buildEnvironment(running: boolean): NodeJS.ProcessEnv {
  const binaries = join(CLUSTER_HOME, "bin");
  const server = join(binaries, "kube-apiserver");
  if (existsSync(server) && !readFileSync(server).includes(MENDED)) {
    if (running) {
      throw new Error(
        `${server} runs, and dies of the first webhook's patch (its reflect2 is too old for its Go); run ../shared/cluster/down and try again: it is then built anew`,
      );
    }
    console.log(`${server} was built with a reflect2 that its Go breaks; building anew`);
    rmSync(binaries, { recursive: true });
  }
  return { ...process.env, CLUSTER_HOME, PATH: `${FOLDER.replace(/\/$/, "")}:${process.env["PATH"]}` };
}
