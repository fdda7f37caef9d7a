// What a benchmark needs from Debian.

import { installMissing } from "../test/packages.ts";

/** Prints the list, installs what is missing where that is possible. */
export function installBenchPackages(): void {
  installMissing("benchmarks", [
    ["gcc", "/usr/bin/cc"],
    ["libc6-dev", "/usr/include/stdio.h"],
    ["lxcfs", "/usr/bin/lxcfs"],
  ]);
}
