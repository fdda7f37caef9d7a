// How the kernel names a block device in /proc and in cgroup files: "8:0" and its name.

export interface BlockDevice {
  major: number;
  minor: number;
  name: string;
}

/** "major:minor", as io.stat and blkio.* write it. */
export function deviceNumber(device: Pick<BlockDevice, "major" | "minor">): string {
  return `${device.major}:${device.minor}`;
}
