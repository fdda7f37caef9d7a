// The table of nodes as the keeper reads it (keeper/table.c): a row "INDEX TYPE PERMISSIONS PATH" each, type d or f; D or F
// for what stands below every cpuN, whose index counts from cpuN's own; t for what stands at the root of the mount, whose
// path is a name, and l for the symbolic links there.

import { CPU_FILES, PER_CPU_DIRECTORIES, PER_CPU_FILES } from "../../contract/cpu-files.ts";
import {
  CONTAINERS_DIRECTORY,
  HOST_DIRECTORY,
  OWN_LINKS,
  ROOT_INDEX,
  VIRTUAL_DIRECTORIES,
  VIRTUAL_FILES,
} from "../../contract/virtual-files.ts";

const DIRECTORY = 0o555;
const FILE = 0o444;
const LINK = 0o777;
const CPU_DIRECTORY = "sys/devices/system/cpu";

/** Every node there can be, whichever files are served: a bind of one that is not served now is answered all the same. */
export function nodeTable(): string {
  return [
    ...VIRTUAL_DIRECTORIES.map(({ path, index }) => row(index, "d", DIRECTORY, `/${path}`)),
    // Behind the root of a view, which has the same index.
    row(ROOT_INDEX, "t", DIRECTORY, ""),
    ...OWN_LINKS.map(({ name, index }) => row(index, "l", LINK, name)),
    row(CONTAINERS_DIRECTORY.index, "t", CONTAINERS_DIRECTORY.permissions, CONTAINERS_DIRECTORY.name),
    row(HOST_DIRECTORY.index, "t", DIRECTORY, HOST_DIRECTORY.name),
    ...VIRTUAL_FILES.map(({ path, index, permissions }) => row(index, "f", permissions, `/${path}`)),
    ...CPU_FILES.map(({ path, index }) => row(index, "f", FILE, `/${CPU_DIRECTORY}/${path}`)),
    row(0, "D", DIRECTORY, ""),
    ...PER_CPU_DIRECTORIES.map(({ path, index }) => row(index, "D", DIRECTORY, `/${path}`)),
    ...PER_CPU_FILES.map(({ path, index }) => row(index, "F", FILE, `/${path}`)),
  ].join("");
}

function row(index: number, type: string, permissions: number, path: string): string {
  return `${index} ${type} ${permissions.toString(8)} ${path}\n`;
}
