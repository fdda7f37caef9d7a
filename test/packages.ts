// Debian packages that tests use. On Debian as root they are installed; elsewhere tests skip what is missing, and say so.
// The comparison with lxcfs (accuracy/) has its own list, installed the same way.

import { spawnSync } from "node:child_process";
import { existsSync, rmSync, writeFileSync } from "node:fs";

/** Its name, and a file that shows it is there. */
export type Package = readonly [name: string, file: string];

const PACKAGES: readonly Package[] = [
  ["busybox-static", "/bin/busybox"],
  ["crun", "/usr/bin/crun"],
  ["curl", "/usr/bin/curl"],
  ["etcd-server", "/usr/bin/etcd"],
  ["gcc", "/usr/bin/cc"],
  ["hwloc-nox", "/usr/bin/hwloc-ls"],
  ["iproute2", "/usr/sbin/ip"],
  ["kubernetes-client", "/usr/bin/kubectl"],
  ["libc6-dev", "/usr/include/stdio.h"],
  ["libjemalloc2", "/usr/share/doc/libjemalloc2"],
  ["lxcfs", "/usr/bin/lxcfs"],
  ["nginx-light", "/usr/sbin/nginx"],
  ["podman", "/usr/bin/podman"],
  ["procps", "/usr/bin/free"],
  ["prometheus", "/usr/bin/prometheus"],
  ["python3", "/usr/bin/python3"],
  ["runc", "/usr/sbin/runc"],
  ["util-linux", "/usr/bin/lscpu"],
];

/** Installs what tests use. */
export function installPackages(): void {
  installMissing("tests", PACKAGES);
}

/** Prints the list, installs what is missing where that is possible. Never fails: the user says what it lacks. */
export function installMissing(user: string, packages: readonly Package[]): void {
  const missing = packages.filter(([, file]) => !existsSync(file)).map(([name]) => name);
  console.log(`Debian packages that ${user} use: ${packages.map(([name]) => name).join(" ")}`);
  if (missing.length === 0) return;
  if (!existsSync("/etc/debian_version") || process.geteuid?.() !== 0) {
    console.log(`missing, and not installed (needs Debian and root): ${missing.join(" ")}`);
    return;
  }
  console.log(`installing ${missing.join(" ")}`);
  apt("update", "-qq");
  withoutServices(() => apt("install", "-y", "-qq", "--no-install-recommends", ...missing));
}

/** What Debian asks before it starts a daemon that was installed; 101 is no. */
const POLICY = "/usr/sbin/policy-rc.d";

/** A test needs the program of a package, not a web server on port 80. A policy that is there stays. */
function withoutServices(install: () => void): void {
  if (existsSync(POLICY)) {
    install();
    return;
  }
  writeFileSync(POLICY, "#!/bin/sh\nexit 101\n", { mode: 0o755 });
  install();
  rmSync(POLICY);
}

function apt(...args: string[]): void {
  const { status, stderr } = spawnSync("apt-get", args, {
    encoding: "utf8",
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
  });
  if (status !== 0) console.log(`apt-get ${args.join(" ")}: ${stderr.trim()}`);
}
