// Names under which people ask for files: in `--files` and in the annotation procview.io/files.

import { VIRTUAL_FILES } from "./virtual-files.ts";

/** All files of CPUs are one name: the directory as a whole. */
export const CPU_DIRECTORY = "sys/devices/system/cpu";

/** Every name that can be asked for. "cpu" is the directory of CPUs in /sys. */
export const FILE_NAMES: readonly string[] = [...VIRTUAL_FILES.map(({ path }) => path.replace("proc/", "")), "cpu"];

/** Paths of the tree that a name can mean: all files of /proc, and the CPU directory. */
export const ALL_FILES: readonly string[] = [...VIRTUAL_FILES.map(({ path }) => path), CPU_DIRECTORY];

/** "meminfo", "proc/meminfo", "/proc/meminfo", "cpu" as a path of the tree. */
export function pathOfName(name: string): string | undefined {
  const plain = name.trim().replace(/^\//, "");
  if (plain === "cpu") return CPU_DIRECTORY;
  return ALL_FILES.find((path) => path === plain || path === `proc/${plain}`);
}

/** What a container runtime mounts for a volume; the rest only the agent can put there. */
export const RUNTIME_FILES: readonly string[] = [
  ...VIRTUAL_FILES.filter(({ placedBy }) => placedBy === "runtime").map(({ path }) => path),
  CPU_DIRECTORY,
];
