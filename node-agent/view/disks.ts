// /proc/diskstats and /proc/partitions of a container: disks it has used or may use, with its own reads and writes.
// The kernel accounts for whole disks, so partitions do not appear; times and merges are not accounted for: 0.

import type { DeviceIo } from "../cgroup/io-stat.ts";
import { deviceNumber } from "../procfs/block-device.ts";
import { DISKSTAT_COLUMNS, type DiskStat } from "../procfs/diskstats.ts";
import type { Partition } from "../procfs/partitions.ts";

const SECTOR_BYTES = 512;

const KNOWN: Partial<Record<(typeof DISKSTAT_COLUMNS)[number], (io: DeviceIo) => number>> = {
  reads: ({ reads }) => reads,
  sectorsRead: ({ readBytes }) => Math.floor(readBytes / SECTOR_BYTES),
  writes: ({ writes }) => writes,
  sectorsWritten: ({ writtenBytes }) => Math.floor(writtenBytes / SECTOR_BYTES),
  discards: ({ discards }) => discards,
  sectorsDiscarded: ({ discardedBytes }) => Math.floor(discardedBytes / SECTOR_BYTES),
};

export function viewDiskstats(
  host: readonly DiskStat[],
  io: readonly DeviceIo[],
  allowed: readonly string[],
): DiskStat[] {
  const used = new Map(io.map((device) => [device.device, device]));
  const shown = host.filter((disk) => used.has(deviceNumber(disk)) || allowed.includes(deviceNumber(disk)));
  return (shown.length > 0 ? shown : disksInUse(host)).map((disk) => {
    const device = used.get(deviceNumber(disk));
    const counts = DISKSTAT_COLUMNS.map((column) => (device === undefined ? 0 : (KNOWN[column]?.(device) ?? 0)));
    return { ...disk, counts };
  });
}

/** Whole disks that somebody has used: what a container may use that has used none, or of which the kernel counts nothing. */
function disksInUse(host: readonly DiskStat[]): readonly DiskStat[] {
  const names = new Set(host.map(({ name }) => name));
  const isPartition = (name: string): boolean => /\d$/.test(name) && names.has(name.replace(/(?<=\d)p\d+$|\d+$/, ""));
  const inUse = host.filter(({ name, counts }) => !isPartition(name) && counts.some((count) => count > 0));
  return inUse.length > 0 ? inUse : host;
}

export function viewPartitions(
  host: readonly Partition[],
  io: readonly DeviceIo[],
  allowed: readonly string[],
): Partition[] {
  const used = new Set([...io.map(({ device }) => device), ...allowed]);
  return host.filter((partition) => used.has(deviceNumber(partition)));
}
