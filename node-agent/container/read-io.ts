// Reads which devices a container has used and may use.

import { type Cgroup, directoryOf } from "../cgroup/cgroup.ts";
import { parseAllowedBlockDevices } from "../cgroup/devices-list.ts";
import { type DeviceIo, parseBlkio, parseIoStat } from "../cgroup/io-stat.ts";
import type { HostFiles } from "../host/host-files.ts";

/** None where the controller is off. */
export function readIo(files: HostFiles, io: Cgroup | undefined): DeviceIo[] {
  if (io === undefined) return [];
  const directory = directoryOf(io);
  if (io.version === 2) return parseIoStat(files.textIfAny(`${directory}/io.stat`) ?? "");
  return parseBlkio(
    files.textIfAny(`${directory}/blkio.throttle.io_serviced_recursive`) ?? "",
    files.textIfAny(`${directory}/blkio.throttle.io_service_bytes_recursive`) ?? "",
  );
}

/** "major:minor" of block devices that v1's device controller allows by name. v2 does not tell. */
export function readAllowedDevices(files: HostFiles, devices: Cgroup | undefined): string[] {
  if (devices?.version !== 1) return [];
  return parseAllowedBlockDevices(files.textIfAny(`${directoryOf(devices)}/devices.list`) ?? "");
}
