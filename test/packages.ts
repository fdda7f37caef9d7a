// Debian packages that tests use. On Debian as root they are installed; elsewhere tests skip what is missing, and say so.
// The comparison with lxcfs (accuracy/) has its own list, installed the same way.

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";

/** Its name, and a file that shows it is there. */
export type Package = readonly [name: string, file: string];

const TEST_PACKAGES: readonly Package[] = [
  ["busybox-static", "/bin/busybox"],
  ["procps", "/usr/bin/free"],
  ["python3", "/usr/bin/python3"],
  ["runc", "/usr/sbin/runc"],
  ["util-linux", "/usr/bin/lscpu"],
];

/** Prints the list, installs what is missing where that is possible. Never fails: tests say what they lack. */
export function installPackages(purpose = "tests", packages: readonly Package[] = TEST_PACKAGES): void {
  const missing = packages.filter(([, file]) => !existsSync(file)).map(([name]) => name);
  console.log(`Debian packages for ${purpose}: ${packages.map(([name]) => name).join(" ")}`);
  if (missing.length === 0) return;
  if (!existsSync("/etc/debian_version") || process.geteuid?.() !== 0) {
    console.log(`missing, and not installed (needs Debian and root): ${missing.join(" ")}`);
    return;
  }
  console.log(`installing ${missing.join(" ")}`);
  apt("update", "-qq");
  apt("install", "-y", "-qq", "--no-install-recommends", ...missing);
}

function apt(...args: string[]): void {
  const { status, stderr } = spawnSync("apt-get", args, {
    encoding: "utf8",
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
  });
  if (status !== 0) console.log(`apt-get ${args.join(" ")}: ${stderr.trim()}`);
}
