// The volume of a file: a hostPath of type File, so that a missing agent delays a start and never makes directories.
// The CPU files are one Directory. None has a subPath: the kubelet would keep a bind of its own, which goes stale.

import { CPU_DIRECTORY } from "../contract/file-names.ts";
import { treeBelow } from "../contract/host-paths.ts";
import type { Volume } from "./pod.ts";

/** What a volume of ours looks like in a pod. */
export interface FileVolume {
  name: string;
  hostPath: { path: string; type: "File" | "Directory" };
}

export function volumeOf(path: string, root: string, taken: readonly Volume[]): FileVolume {
  const hostPath = {
    path: `${treeBelow(root)}/${path}`,
    type: path === CPU_DIRECTORY ? ("Directory" as const) : ("File" as const),
  };
  const there = taken.find((volume) => isOurs(volume, hostPath));
  return { name: there?.name ?? freeName(path, taken), hostPath };
}

function isOurs({ hostPath }: Volume, { path, type }: FileVolume["hostPath"]): boolean {
  return hostPath?.path === path && hostPath.type === type;
}

/** "procview-meminfo"; numbered where the user has a volume of that name. */
function freeName(path: string, taken: readonly Volume[]): string {
  const plain = `procview-${path.slice(path.lastIndexOf("/") + 1)}`;
  const names = taken.map(({ name }) => name);
  let name = plain;
  for (let number = 2; names.includes(name); number += 1) name = `${plain}-${number}`;
  return name;
}
