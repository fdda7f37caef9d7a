// The Dockerfile's two bases, under their names, from Debian packages: one with a compiler and npm, one with the C
// library alone. Made once; `rm -r .cache/image` makes them anew.

import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, join } from "node:path";
import { run, type Store } from "./buildah.ts";
import { isNative, type Platform } from "./platforms.ts";

const require = createRequire(import.meta.url);

const SUITE = "bookworm";
const BUILD_BASE = "docker.io/library/node:24-bookworm";
const RUN_BASE = "gcr.io/distroless/cc-debian12:latest";

/** What of it goes into the image: what node is linked with, and the names of users. */
const RUN_PACKAGES = ["base-files", "libc6", "libgcc-s1", "libstdc++6"];
const BUILD_PACKAGES = ["gcc", "libc6-dev", ...RUN_PACKAGES];
const NOT_FOR_RUNNING = [
  ...["doc", "man", "locale", "lintian", "gcc", "gdb", "bug", "common-licenses"].map((name) => `./usr/share/${name}`),
  "./usr/lib/*/gconv",
];
/** In Debian 12 /bin, /lib and their like are links into /usr. */
const MERGED = ["bin", "sbin", "lib", "lib64"];
const UNPACK =
  'archive=$1 target=$2; shift 2; dpkg-deb --fsys-tarfile "$archive" | tar -C "$target" --keep-directory-symlink -x "$@"';
const MOUNT_POINTS = ["proc", "sys", "dev", "tmp", "run", "etc", "root"];
const USERS = "root:x:0:0:root:/root:/sbin/nologin\nnonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin\n";

/** Packages are unpacked and not installed: nothing of that platform is run. */
export function makeBases(platform: Platform, store: Store): void {
  if ([BUILD_BASE, RUN_BASE].every((image) => hasImage(store, image))) return;
  mkdirSync(store.folder, { recursive: true });
  const folder = mkdtempSync(join(store.folder, "bases-"));
  try {
    const archives = download(platform, join(folder, "downloaded"));
    const small = join(folder, "small");
    const isForRunning = (archive: string): boolean =>
      RUN_PACKAGES.some((name) => basename(archive).startsWith(`${name}_`));
    unpack(archives.filter(isForRunning), small, NOT_FOR_RUNNING);
    commit(platform, store, small, RUN_BASE);
    const large = join(folder, "large");
    unpack(archives, large, []);
    // What update-alternatives would have done.
    symlinkSync("gcc", join(large, "usr/bin/cc"));
    addNode(platform, folder, large);
    commit(platform, store, large, BUILD_BASE);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Returns the archives of BUILD_PACKAGES and of all that they depend on. */
function download({ architecture }: Platform, target: string): string[] {
  const mirror = run(["apt-get", "indextargets", "--format", "$(SITE)"]).split("\n")[0] ?? "";
  const what = [`--arch=${architecture}`, "--variant=minbase", `--include=${BUILD_PACKAGES.join(",")}`];
  run(["debootstrap", "--download-only", ...what, SUITE, target, mirror]);
  const folder = join(target, "var/cache/apt/archives");
  return readdirSync(folder)
    .filter((name) => name.endsWith(".deb"))
    .map((name) => join(folder, name));
}

function unpack(archives: readonly string[], target: string, excluded: readonly string[]): void {
  for (const name of MERGED) {
    mkdirSync(join(target, "usr", name), { recursive: true });
    symlinkSync(`usr/${name}`, join(target, name));
  }
  const exclude = excluded.map((pattern) => `--exclude=${pattern}`);
  for (const archive of archives) {
    run(["bash", "-o", "pipefail", "-c", UNPACK, "bash", archive, target, ...exclude]);
  }
  for (const name of MOUNT_POINTS) mkdirSync(join(target, name), { recursive: true });
  // As base-files does where it is installed.
  for (const [name, run] of [
    ["var/run", "/run"],
    ["var/lock", "/run/lock"],
  ] as const) {
    rmSync(join(target, name), { recursive: true });
    symlinkSync(run, join(target, name));
  }
  writeFileSync(join(target, "etc/passwd"), USERS);
  writeFileSync(join(target, "etc/group"), "root:x:0:\nnonroot:x:65532:\n");
}

function hasImage({ buildah }: Store, image: string): boolean {
  try {
    run([...buildah, "inspect", "--type", "image", image], true);
    return true;
  } catch {
    return false;
  }
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
