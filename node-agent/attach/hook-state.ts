// The state that a runtime hands to its hooks (OCI runtime specification, runtime.md and config.md).

import type { Mount } from "../procfs/mountinfo.ts";

export interface HookState {
  pid: number;
  id: string;
  /** The directory with config.json. */
  bundle: string;
}

/** Throws TypeError for what is no such state. */
export function parseHookState(text: string): HookState {
  const { pid, id, bundle } = JSON.parse(text) as Partial<HookState>;
  if (typeof pid !== "number" || typeof id !== "string" || typeof bundle !== "string") {
    throw new TypeError("The state on stdin needs pid, id and bundle");
  }
  return { pid, id, bundle };
}

/** The root file system that config.json names, relative to its bundle. */
export function rootPathOf(config: string): string {
  return (JSON.parse(config) as { root?: { path?: string } }).root?.path ?? "rootfs";
}

/**
 * Before the runtime moves to the container's root (prestart, createRuntime, createContainer), the container's /proc is
 * mounted below it; afterwards it is /proc.
 */
export function baseOf(mounts: readonly Mount[], rootfs: string): string {
  return mounts.some(({ fsType, mountPoint }) => fsType === "proc" && mountPoint === `${rootfs}/proc`) ? rootfs : "";
}
