// The Dockerfile's two bases, under their names, from Debian packages: one with a compiler and npm, one with the C
// library alone. Made once; `rm -r .cache/image` makes them anew.

import {
  copyFileSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { run, type Store } from "./buildah.ts";
import { isNative, type Platform } from "./platforms.ts";

const require = createRequire(import.meta.url);

const SUITE = "bookworm";
const BUILD_BASE = "docker.io/library/node:24-bookworm";
const RUN_BASE = "gcr.io/distroless/cc-debian12:latest";

/** What of the base goes into the image: what node is linked with, and the names of users. */
const RUN_PACKAGES = ["base-files", "libc6", "libgcc-s1", "libstdc++6"];
const NOT_FOR_RUNNING = /^\/usr\/(share\/(doc|man|locale|lintian|gcc|gdb|bug|common-licenses)|lib\/[^/]+\/gconv)\b/;
const USERS = "root:x:0:0:root:/root:/sbin/nologin\nnonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin\n";

/** This machine runs programs of that platform. */
export function makeBases(platform: Platform, store: Store): void {
  if ([BUILD_BASE, RUN_BASE].every((image) => hasImage(store, image))) return;
  mkdirSync(store.folder, { recursive: true });
  const folder = mkdtempSync(join(store.folder, "bases-"));
  try {
    const debian = join(folder, "debian");
    const mirror = run(["apt-get", "indextargets", "--format", "$(SITE)"]).split("\n")[0] ?? "";
    const packages = ["gcc", "libc6-dev", ...RUN_PACKAGES].join(",");
    const { architecture } = platform;
    run(["debootstrap", `--arch=${architecture}`, "--variant=minbase", `--include=${packages}`, SUITE, debian, mirror]);
    const small = join(folder, "small");
    copyFiles(debian, small);
    commit(platform, store, small, RUN_BASE);
    addNode(platform, folder, debian);
    commit(platform, store, debian, BUILD_BASE);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function hasImage({ buildah }: Store, image: string): boolean {
  try {
    run([...buildah, "inspect", "--type", "image", image], true);
    return true;
  } catch {
    return false;
  }
}

/** The files of RUN_PACKAGES, as dpkg lists them. */
function copyFiles(debian: string, target: string): void {
  const listed = run(["dpkg-query", `--admindir=${debian}/var/lib/dpkg`, "-L", ...RUN_PACKAGES]).split("\n");
  // In Debian 12 /bin, /lib and their like are links into /usr.
  for (const name of ["bin", "sbin", "lib", "lib64"]) {
    mkdirSync(join(target, "usr", name), { recursive: true });
    copyFile(join(debian, name), join(target, name));
  }
  for (const path of listed) {
    if (path.startsWith("/") && !NOT_FOR_RUNNING.test(path)) copyFile(join(debian, path), join(target, path));
  }
  for (const name of ["proc", "sys", "dev", "tmp", "run", "etc", "root"])
    mkdirSync(join(target, name), { recursive: true });
  writeFileSync(join(target, "etc/passwd"), USERS);
  writeFileSync(join(target, "etc/group"), "root:x:0:\nnonroot:x:65532:\n");
}

/** A file or a link; directories come with what is in them. */
function copyFile(from: string, to: string): void {
  const stat = lstatSync(from, { throwIfNoEntry: false });
  const isThere = lstatSync(to, { throwIfNoEntry: false }) !== undefined;
  if (stat === undefined || stat.isDirectory() || isThere) return;
  mkdirSync(dirname(to), { recursive: true });
  if (stat.isSymbolicLink()) symlinkSync(readlinkSync(from), to);
  else copyFileSync(from, to);
}

/** The node of the lock file, and the npm of this machine. */
function addNode(platform: Platform, folder: string, debian: string): void {
  const local = join(debian, "usr/local");
  cpSync(isNative(platform) ? require.resolve("node/bin/node") : fetchNode(platform, folder), join(local, "bin/node"));
  cpSync(join(run(["npm", "root", "--global"]), "npm"), join(local, "lib/node_modules/npm"), {
    recursive: true,
    dereference: true,
  });
  symlinkSync("../lib/node_modules/npm/bin/npm-cli.js", join(local, "bin/npm"));
}

/** The package that npm would have installed on that platform. */
function fetchNode({ node }: Platform, folder: string): string {
  const { version } = require("node/package.json") as { version: string };
  const archive = run(["npm", "pack", "--silent", `--pack-destination=${folder}`, `node-linux-${node}@${version}`]);
  run(["tar", "-C", folder, "-xf", join(folder, archive), "package/bin/node"]);
  return join(folder, "package/bin/node");
}

function commit({ architecture }: Platform, { buildah }: Store, folder: string, image: string): void {
  const container = run([...buildah, "from", `--arch=${architecture}`, "scratch"]);
  run([...buildah, "add", "--quiet", container, folder, "/"]);
  run([...buildah, "config", `--arch=${architecture}`, container]);
  if (existsSync(join(folder, "usr/local/bin/node")))
    run([...buildah, "config", "--env", "PATH=/usr/local/bin:/usr/bin:/bin", container]);
  run([...buildah, "commit", "--quiet", container, image]);
  run([...buildah, "rm", container]);
}
