// /proc/PID/mountinfo, as proc_pid_mountinfo(5).

import { linesOf, ParseError } from "./parse-error.ts";

export interface Mount {
  mountId: number;
  /** The mount it stands in; for the topmost of a namespace one that is not listed. */
  parentId: number;
  /** Mounts of one peer group, in whatever namespace, get the same mounts and unmounts (mount_namespaces(7)). */
  peerGroup?: number;
  /** "major:minor" of the file system: st_dev of the files in it. */
  device: string;
  /** Which path of the file system is mounted. */
  root: string;
  mountPoint: string;
  fsType: string;
  source: string;
  /** Options of this mount, and of the file system. */
  options: readonly string[];
  superOptions: readonly string[];
}

/** Throws ParseError for a line without its separator. */
export function parseMountinfo(text: string): Mount[] {
  return linesOf(text).map((line) => {
    const [left = "", right] = line.split(" - ", 2);
    const [mountId, parentId, device, root, mountPoint, options, ...tags] = left.split(" ");
    const peerGroup = tags.find((tag) => tag.startsWith("shared:"))?.slice("shared:".length);
    const [fsType, source, superOptions] = right?.split(" ") ?? [];
    if (device === undefined || root === undefined || mountPoint === undefined || fsType === undefined) {
      throw new ParseError("mountinfo", line, '"... - type source options"');
    }
    return {
      mountId: Number(mountId),
      parentId: Number(parentId),
      ...(peerGroup === undefined ? {} : { peerGroup: Number(peerGroup) }),
      device,
      root: unescapeOctal(root),
      mountPoint: unescapeOctal(mountPoint),
      fsType,
      source: unescapeOctal(source ?? ""),
      options: options?.split(",") ?? [],
      superOptions: superOptions?.split(",") ?? [],
    };
  });
}

/** Space, tab, newline and backslash are written as \040 and so on. */
function unescapeOctal(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}
