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
  const entry = `procview-${architecture}`;
  try {
    // F: opened now, so that it is found from within any root.
    writeFileSync(`${BINFMT}/register`, `:${entry}:M::${magic}:${MASK}:/usr/bin/${emulator}:F`);
    work();
  } finally {
    if (existsSync(`${BINFMT}/${entry}`)) writeFileSync(`${BINFMT}/${entry}`, "-1");
    if (mounts) run(["umount", BINFMT]);
  }
}
