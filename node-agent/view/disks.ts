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

const UNUSED: readonly number[] = DISKSTAT_COLUMNS.map(() => 0);

export function viewDiskstats(
  host: readonly DiskStat[],
  io: readonly DeviceIo[],
  allowed: readonly string[],
): DiskStat[] {
  const shown: DiskStat[] = [];
  for (const disk of host) {
    const number = deviceNumber(disk);
    const device = deviceOf(io, number);
    if (device !== undefined || allowed.includes(number)) shown.push({ ...disk, counts: countsOf(device) });
  }
  return shown.length > 0 ? shown : disksInUse(host).map((disk) => ({ ...disk, counts: UNUSED }));
}

/** A loop: a closure made for each rendering loses its optimized code whenever garbage is collected. */
function deviceOf(io: readonly DeviceIo[], number: string): DeviceIo | undefined {
  for (const device of io) if (device.device === number) return device;
  return undefined;
}

function countsOf(device: DeviceIo | undefined): readonly number[] {
  return device === undefined ? UNUSED : DISKSTAT_COLUMNS.map((column) => KNOWN[column]?.(device) ?? 0);
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
