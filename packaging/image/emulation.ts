// Programs of another architecture, run by QEMU: registered with the kernel while an image is built, and taken away again.

import { existsSync, writeFileSync } from "node:fs";
import { run } from "./buildah.ts";
import { isNative, MASK, type Platform } from "./platforms.ts";

const BINFMT = "/proc/sys/fs/binfmt_misc";

/** Runs `work` while this machine runs programs of that platform. Leaves the machine as it was. */
export function emulating(platform: Platform, work: () => void): void {
  const { emulator, magic, architecture } = platform;
  if (isNative(platform)) {
    work();
    return;
  }
  const mounts = !existsSync(`${BINFMT}/register`);
  if (mounts) run(["mount", "-t", "binfmt_misc", "binfmt_misc", BINFMT]);
  const name = `procview-${architecture}`;
  const entry = `${BINFMT}/${name}`;
  try {
    // What a build that was killed has left does as well. F: opened now, so that it is found from within any root.
    if (!existsSync(entry)) writeFileSync(`${BINFMT}/register`, `:${name}:M::${magic}:${MASK}:/usr/bin/${emulator}:F`);
    work();
  } finally {
    if (existsSync(entry)) writeFileSync(entry, "-1");
    if (mounts) run(["umount", BINFMT]);
  }
}
