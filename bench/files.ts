// Which files are read.

import { existsSync } from "node:fs";
import { VIRTUAL_FILES } from "../contract/virtual-files.ts";

/** What containers get from every injector, and what is polled by many of them. */
export const POLLED_FILES = [
  "proc/cpuinfo",
  "proc/diskstats",
  "proc/loadavg",
  "proc/meminfo",
  "proc/stat",
  "proc/swaps",
  "proc/uptime",
  "sys/devices/system/cpu/online",
] as const;

/** Every virtual file that this machine has, and one of the CPU files. */
export function allFiles(): string[] {
  const files = [...VIRTUAL_FILES.map(({ path }) => path), "sys/devices/system/cpu/online"];
  return files.filter((file) => existsSync(`/${file}`));
}
