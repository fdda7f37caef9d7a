// What a cgroup has read, written and discarded, by device: io.stat of v2, blkio.* of v1.

export interface DeviceIo {
  /** "major:minor" of a whole disk: the kernel accounts for no partitions. */
  device: string;
  reads: number;
  readBytes: number;
  writes: number;
  writtenBytes: number;
  discards: number;
  discardedBytes: number;
}

const NOTHING = { reads: 0, readBytes: 0, writes: 0, writtenBytes: 0, discards: 0, discardedBytes: 0 };

const V2_KEYS = {
  rios: "reads",
  rbytes: "readBytes",
  wios: "writes",
  wbytes: "writtenBytes",
  dios: "discards",
  dbytes: "discardedBytes",
} as const;

const V1_SERVICED = { Read: "reads", Write: "writes", Discard: "discards" } as const;
const V1_SERVICE_BYTES = { Read: "readBytes", Write: "writtenBytes", Discard: "discardedBytes" } as const;

/** Parses io.stat: "8:0 rbytes=1 wbytes=2 rios=3 ..." a line. A device alone on its line has not been used. */
export function parseIoStat(text: string): DeviceIo[] {
  const devices: DeviceIo[] = [];
  for (const line of text.split("\n")) {
    const [device = "", ...pairs] = line.trim().split(" ");
    if (!/^\d+:\d+$/.test(device) || pairs.length === 0) continue;
    const io: DeviceIo = { device, ...NOTHING };
    for (const pair of pairs) {
      const [key = "", value] = pair.split("=");
      if (key in V2_KEYS) io[V2_KEYS[key as keyof typeof V2_KEYS]] = Number(value);
    }
    devices.push(io);
  }
  return devices;
}

/** Joins blkio.*.io_serviced_recursive and blkio.*.io_service_bytes_recursive: "8:0 Read 3" a line, all 0 until a policy counts. */
export function parseBlkio(serviced: string, serviceBytes: string): DeviceIo[] {
  const devices = new Map<string, DeviceIo>();
  addBlkio(devices, serviced, V1_SERVICED);
  addBlkio(devices, serviceBytes, V1_SERVICE_BYTES);
  return [...devices.values()];
}

export function hasCounts({ device: _, ...counts }: DeviceIo): boolean {
  return Object.values(counts).some((count) => count > 0);
}

function addBlkio<Key extends string>(
  devices: Map<string, DeviceIo>,
  text: string,
  names: Record<Key, Exclude<keyof DeviceIo, "device">>,
): void {
  for (const line of text.split("\n")) {
    const [device = "", operation = "", value] = line.split(" ");
    if (!(operation in names)) continue;
    const io = devices.get(device) ?? { device, ...NOTHING };
    io[names[operation as Key]] = Number(value);
    devices.set(device, io);
  }
}
