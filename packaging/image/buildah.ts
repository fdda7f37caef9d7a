// buildah with a store of its own in .cache/ for each platform, and what runs it.

import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { isNative, type Platform } from "./platforms.ts";

const CACHE = new URL("../../.cache/image", import.meta.url).pathname;

/** chroot: needs no runtime, no user namespace, no cgroup. */
const ISOLATION = { BUILDAH_ISOLATION: "chroot", STORAGE_DRIVER: "overlay" };

export interface Store {
  folder: string;
  /** The beginning of a command line. */
  buildah: readonly string[];
}

/** Images of two platforms have the same names: a store holds those of one. */
export function storeOf(platform: Platform): Store {
  const folder = isNative(platform) ? CACHE : join(CACHE, platform.architecture);
  return { folder, buildah: ["buildah", "--root", join(folder, "storage"), "--runroot", join(folder, "run")] };
}

/** Prints what the command prints on stderr; returns its stdout. Throws where it fails. */
export function run(command: readonly string[], quiet = false): string {
  const [program = "", ...args] = command;
  const { status, stdout, error } = spawnSync(program, args, {
    encoding: "utf8",
    stdio: ["ignore", "pipe", quiet ? "ignore" : "inherit"],
    env: { ...process.env, ...ISOLATION },
    maxBuffer: 2 ** 28,
  });
  if (status !== 0)
    throw new Error(`${command.slice(0, 6).join(" ")} ...: ${error?.message ?? `status ${status}`}\n${stdout}`);
  return stdout.trim();
}
