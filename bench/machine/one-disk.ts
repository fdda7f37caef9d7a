// Gives a container one disk, as `docker run --device` does. cgroup v1 counts no I/O that it does not throttle (seen on
// Linux 6.18), so without a disk by name its /proc/diskstats would be empty, and reading nothing is no measurement.

import { readFileSync, writeFileSync } from "node:fs";
import { parseDiskstats } from "../../node-agent/procfs/diskstats.ts";

/** Restricts a cgroup of v1's device controller to character devices and the disk that this machine uses most. */
export function allowOneDisk(directory: string): void {
  const disks = parseDiskstats(readFileSync("/proc/diskstats", "utf8"));
  const reads = ({ counts }: (typeof disks)[number]): number => counts[0] ?? 0;
  const [disk] = disks.sort((a, b) => reads(b) - reads(a));
  if (disk === undefined) return;
  writeFileSync(`${directory}/devices.deny`, "a");
  for (const rule of ["c *:* rwm", "b *:* m", `b ${disk.major}:${disk.minor} r`]) {
    writeFileSync(`${directory}/devices.allow`, rule);
  }
}
