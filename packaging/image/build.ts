// `npm run image [-- --tag TAG] [-- --output FILE]`: the Dockerfile's image as an archive that `docker load` and
// `ctr images import` take. Without a registry and without Docker: buildah builds it, on bases made from Debian packages.

import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { version } from "../../contract/version.ts";
import { installMissing } from "../../test/packages.ts";
import { makeBases } from "./bases.ts";
import { BUILDAH, run, STORE } from "./buildah.ts";

const ROOT = new URL("../../", import.meta.url).pathname;

const { values } = parseArgs({
  options: { tag: { type: "string", default: version }, output: { type: "string" } },
});
const name = `localhost/procview:${values.tag}`;
const output = resolve(values.output ?? join(STORE, `procview-${values.tag}.tar`));

installMissing("npm run image", [
  ["buildah", "/usr/bin/buildah"],
  ["debootstrap", "/usr/sbin/debootstrap"],
  ["gcc", "/usr/bin/cc"],
]);
makeBases();
run([...BUILDAH, "bud", "--pull-never", "--layers", "-t", name, ...npmOfThisMachine(), ROOT]);
mkdirSync(dirname(output), { recursive: true });
rmSync(output, { force: true });
// Whole or not at all.
run([...BUILDAH, "push", "--quiet", name, `docker-archive:${output}.new:${name}`]);
renameSync(`${output}.new`, output);
process.stdout.write(`${output}\n`);

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
