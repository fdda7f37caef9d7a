// Reads which devices a container has used and may use.

import { type Cgroup, directoryOf } from "../cgroup/cgroup.ts";
import { parseAllowedBlockDevices } from "../cgroup/devices-list.ts";
import { type DeviceIo, hasCounts, parseBlkio, parseIoStat } from "../cgroup/io-stat.ts";
import type { HostFiles } from "../host/host-files.ts";

/**
 * v1 has no counts of the block layer itself, only of policies that were on while a request passed: blk-throttle counts
 * only where it has a rule, bfq only disks that it schedules. Both list every device the container has used.
 */
const V1_POLICIES = ["throttle", "bfq"];

/** None where the controller is off. `ofMachine` reads a file of the root, perhaps a moment ago. */
export function readIo(
  files: HostFiles,
  io: Cgroup | undefined,
  ofMachine: (path: string) => string | undefined,
): DeviceIo[] {
  if (io === undefined) return [];
  const directory = directoryOf(io);
  if (io.version === 2) return parseIoStat(files.textIfAny(`${directory}/io.stat`) ?? "");
  const [throttle = [], bfq = []] = V1_POLICIES.map((policy) => {
    const name = `blkio.${policy}.io_serviced_recursive`;
    // The root counts what all others do: mostly, no policy counts at all.
    if (ofMachine(`${io.mountPoint}/${name}`)?.includes(":") === false) return [];
    const serviced = files.textIfAny(`${directory}/${name}`) ?? "";
    if (!serviced.includes(":")) return [];
    return parseBlkio(serviced, files.textIfAny(`${directory}/blkio.${policy}.io_service_bytes_recursive`) ?? "");
  });
  const counted = bfq.filter(hasCounts);
  return [...counted, ...throttle.filter(({ device }) => !counted.some((other) => other.device === device))];
}

/** "major:minor" of block devices that v1's device controller allows by name. v2 does not tell. */
export function readAllowedDevices(files: HostFiles, devices: Cgroup | undefined): string[] {
  if (devices?.version !== 1) return [];
  return parseAllowedBlockDevices(files.textIfAny(`${directoryOf(devices)}/devices.list`) ?? "");
}
