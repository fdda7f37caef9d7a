// Where the keeper's program is: built with the package (`npm run build:keeper`), or with cc the first time it is needed.

import { spawnSync } from "node:child_process";
import { accessSync, constants, mkdirSync, renameSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const SOURCES = fileURLToPath(new URL("../../keeper/", import.meta.url));
const FILES = ["keeper.c", "answer.c", "inbox.c", "renderings.c", "table.c", "snapshot.c", "keeper.h"];
const BUILT = join(SOURCES, "build", `keeper-${process.arch}`);
const FLAGS = ["-Os", "-Wall", "-Wextra", "-s"];
const LIMIT_MILLIS = 120_000;

/** Neither built nor buildable: without a keeper, containers lose their files when the agent dies. */
export class NoKeeperError extends Error {
  constructor(reason: string) {
    super(
      `There is no keeper: ${reason}; install cc and the C library's headers, or run "npm run build:keeper" where they are`,
    );
    this.name = "NoKeeperError";
  }
}

/** The path of the program, built anew where its source is newer. Throws NoKeeperError. */
export function keeperProgram(): string {
  if (isBuilt()) return BUILT;
  mkdirSync(dirname(BUILT), { recursive: true });
  const sources = FILES.filter((name) => name.endsWith(".c")).map((name) => join(SOURCES, name));
  const made = `${BUILT}.${process.pid}`;
  // Static, so that it runs in whatever mount namespace it is put into; not every C library can.
  const compile = (...more: string[]): string | undefined => {
    const arguments_ = [...FLAGS, ...more, "-o", made, ...sources];
    const { status, error, stderr } = spawnSync("cc", arguments_, { encoding: "utf8", timeout: LIMIT_MILLIS });
    return status === 0 ? undefined : (error?.message ?? stderr.trim());
  };
  const failure = compile("-static") && compile();
  if (failure !== undefined) throw new NoKeeperError(failure);
  renameSync(made, BUILT);
  return BUILT;
}

function isBuilt(): boolean {
  try {
    accessSync(BUILT, constants.X_OK);
  } catch {
    return false;
  }
  const builtAt = statSync(BUILT).mtimeMs;
  return FILES.every((name) => (statSync(join(SOURCES, name), { throwIfNoEntry: false })?.mtimeMs ?? 0) <= builtAt);
}

if (import.meta.main) process.stdout.write(`${keeperProgram()}\n`);
