// devices.list of cgroup v1: which devices a container may open (cgroup-v1/devices.rst). v2 has a BPF program instead,
// which cannot be read.

/** "major:minor" of block devices allowed by name; wildcards allow everything and so tell nothing. */
export function parseAllowedBlockDevices(text: string): string[] {
  return text
    .split("\n")
    .map((line) => /^b (\d+:\d+) r/.exec(line)?.[1])
    .filter((device) => device !== undefined);
}
