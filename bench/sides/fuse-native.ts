// A minimal server on fuse-native 2.2.6 (libfuse 2.9). It knows neither who reads nor what the time is: it serves the
// bytes that its files had when it started, so all of its cost is the library's. Installed here, not a dependency.

import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { Server } from "../machine/server.ts";
import { FUSE_NATIVE_NAME } from "../report/side-names.ts";
import type { Side } from "./side.ts";

const VERSION = "2.2.6";
const PROGRAM = new URL("./fuse-native-server.ts", import.meta.url).pathname;
const INSTALL_LIMIT_MILLIS = 180_000;

/** A side that serves these files of the host. */
export function fuseNative(files: readonly string[]): Side {
  return {
    name: FUSE_NATIVE_NAME,
    version: () => `fuse-native ${VERSION}, static bytes`,
    start(cgroups) {
      const folder = install();
      return Server.start(cgroups, {
        name: "fuse-native",
        command: (directory) => [process.execPath, PROGRAM, folder, directory, ...files],
        environment: { LD_LIBRARY_PATH: join(folder, "lib") },
      });
    },
  };
}

/** Installs it where caches are, once; the folder. Throws with the reason where it does not run. */
function install(): string {
  if (process.arch !== "x64") throw new Error(`fuse-native ${VERSION} ships for x64 only, this is ${process.arch}`);
  const cache = process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache");
  const folder = join(cache, "procview-bench", `fuse-native-${VERSION}`);
  const done = join(folder, "lib", "libfuse.so.2");
  if (existsSync(done)) return folder;
  mkdirSync(join(folder, "lib"), { recursive: true });
  writeFileSync(join(folder, "package.json"), '{ "private": true }\n');
  // Its scripts would compile it against libfuse; the build that it ships does, and is what its users run.
  const flags = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  const { status, stderr, error } = spawnSync("npm", ["install", ...flags, `fuse-native@${VERSION}`], {
    cwd: folder,
    encoding: "utf8",
    timeout: INSTALL_LIMIT_MILLIS,
  });
  if (status !== 0) throw new Error(`npm install fuse-native@${VERSION}: ${error?.message ?? stderr.trim()}`);
  // The addon asks for libfuse by its soname, the package has it under another name.
  symlinkSync(join(folder, "node_modules/fuse-native/prebuilds/linux-x64/libfuse.so"), done);
  return folder;
}
