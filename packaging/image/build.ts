// `npm run image [-- --tag TAG] [--output FILE] [--platform linux/arm64]`: the Dockerfile's image as an archive that
// `docker load` and `ctr images import` take. Without a registry and without Docker: buildah builds it, on bases made from
// Debian packages; for another platform than this machine's, QEMU runs what is built.

import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { version } from "../../contract/version.ts";
import { installMissing } from "../../test/packages.ts";
import { makeBases } from "./bases.ts";
import { run, storeOf } from "./buildah.ts";
import { emulating } from "./emulation.ts";
import { packagesFor, platformOf } from "./platforms.ts";

const ROOT = new URL("../../", import.meta.url).pathname;

const { values } = parseArgs({
  options: { tag: { type: "string", default: version }, output: { type: "string" }, platform: { type: "string" } },
});
const platform = platformOf(values.platform);
const store = storeOf(platform);
const name = `localhost/procview:${values.tag}`;
const output = resolve(values.output ?? join(store.folder, `procview-${values.tag}.tar`));

installMissing("npm run image", packagesFor(platform));
emulating(platform, () => {
  makeBases(platform, store);
  const how = ["--pull-never", "--layers", `--platform=${platform.name}`];
  run([...store.buildah, "bud", ...how, "-t", name, ...npmOfThisMachine(), ROOT]);
  startOnce();
});
mkdirSync(dirname(output), { recursive: true });
rmSync(output, { force: true });
// Whole or not at all.
run([...store.buildah, "push", "--quiet", name, `docker-archive:${output}.new:${name}`]);
renameSync(`${output}.new`, output);
process.stdout.write(`${output}\n`);

/** Throws where the image does not say the version that it was built from. */
function startOnce(): void {
  const container = run([...store.buildah, "from", "--pull-never", name]);
  try {
    const said = run([...store.buildah, "run", "--user=0", container, "--", "/usr/local/bin/procview", "--version"]);
    if (!said.includes(version)) throw new Error(`The image's procview says "${said}", not ${version}`);
  } finally {
    run([...store.buildah, "rm", container]);
  }
}

/** Where npm gets packages, and what it has already: a build as `npm ci` on this machine. */
function npmOfThisMachine(): string[] {
  const setting = (key: string): string => spawnSync("npm", ["config", "get", key], { encoding: "utf8" }).stdout.trim();
  const authorities = process.env["NODE_EXTRA_CA_CERTS"];
  const mount = (from: string, to: string, how: string): string[] =>
    existsSync(from) ? ["--volume", `${from}:${to}:${how}`] : [];
  return [
    ...["--build-arg", `npm_config_registry=${setting("registry")}`],
    ...mount(setting("cache"), "/root/.npm", "rw"),
    ...(authorities === undefined ? [] : [...mount(authorities, authorities, "ro")]),
    ...(authorities === undefined ? [] : ["--build-arg", `NODE_EXTRA_CA_CERTS=${authorities}`]),
  ];
}
