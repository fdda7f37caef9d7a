// Values of options as people write them: sizes, counts, CPU lists, lists of files. Each throws CliError with a remedy.

import { CPU_FILES } from "../contract/cpu-files.ts";
import { CPU_DIRECTORY, FILE_NAMES, pathOfName } from "../contract/file-names.ts";
import { VIRTUAL_FILES } from "../contract/virtual-files.ts";
import { parseCpuList } from "../node-agent/procfs/cpu-list.ts";
import { CliError } from "./exit-codes.ts";

const UNITS: Readonly<Record<string, number>> = { "": 1, b: 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30, t: 2 ** 40 };
const PAGE_BYTES = 4096;

/** "200m", "1.5g", "512MiB", "4096" as bytes, whole pages as the kernel keeps them. */
export function parseSize(option: string, text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*([bkmgt]?)(?:i?b)?$/i.exec(text.trim());
  const bytes = Math.floor(Number(match?.[1]) * (UNITS[match?.[2]?.toLowerCase() ?? ""] ?? Number.NaN));
  if (match === null || !Number.isSafeInteger(bytes)) {
    throw new CliError("badSize", `${option} "${text}" is no size; write for example 200m, 1.5g or 4096k`);
  }
  if (bytes < PAGE_BYTES)
    throw new CliError("badSize", `${option} "${text}" is less than a page (${PAGE_BYTES} bytes)`);
  return bytes - (bytes % PAGE_BYTES);
}

/** "1.5": more than nothing, as a number of CPUs. */
export function parseCpus(text: string): number {
  const cpus = Number(text);
  if (!/^\d*\.?\d+$/.test(text) || cpus < 0.01) {
    throw new CliError("usage", `--cpus "${text}" is no number of CPUs of 0.01 or more; write for example 1.5`);
  }
  return cpus;
}

/** A whole number from 1 on. */
export function parseCount(option: string, text: string): number {
  const count = Number(text);
  if (!/^\d+$/.test(text) || count < 1 || count > 2 ** 22) {
    throw new CliError("usage", `${option} "${text}" is no whole number from 1 to ${2 ** 22}`);
  }
  return count;
}

/** "100ms", "2s", "0" in milliseconds. */
export function parseDuration(option: string, text: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s)?$/.exec(text);
  const millis = Number(match?.[1]) * (match?.[2] === "s" ? 1000 : 1);
  if (match === null || (match[2] === undefined && millis !== 0)) {
    throw new CliError("usage", `${option} "${text}" is no duration; write for example 100ms, 2s or 0`);
  }
  return millis;
}

/** "127.0.0.1:9464", "[::1]:9464"; ":9464" with the host "" for every address, of IPv6 too where there is any. */
export function parseListen(text: string): { host: string; port: number } {
  const match = /^(?:\[([0-9a-f:]+)\]|([^:[\]]*)):(\d+)$/i.exec(text);
  const port = Number(match?.[3]);
  if (match === null || port > 65_535) {
    throw new CliError("usage", `--listen "${text}" is no address and port; write for example 127.0.0.1:9464 or :9464`);
  }
  return { host: match[1] ?? match[2] ?? "", port };
}

/** "0-3,5", all of them online on this machine. */
export function parseCpuset(text: string, online: readonly number[]): number[] {
  let cpus: number[];
  try {
    cpus = parseCpuList(text);
  } catch {
    throw new CliError("badCpuset", `--cpuset "${text}" is no list of CPUs; write for example 0-3,5`);
  }
  const missing = cpus.filter((cpu) => !online.includes(cpu));
  if (cpus.length === 0 || missing.length > 0) {
    throw new CliError(
      "badCpuset",
      `--cpuset "${text}" names CPUs that are not online here; this machine has ${online.join(",")}`,
    );
  }
  return cpus;
}

/** "meminfo,proc/stat,cpu" as paths of the tree. */
export function parseFiles(text: string): string[] {
  return text.split(",").map((name) => {
    const path = pathOfName(name);
    if (path !== undefined) return path;
    throw new CliError("noFile", `--files names "${name}"; there are ${FILE_NAMES.join(", ")}`);
  });
}

/** One file, as `show` takes it: "meminfo", "/proc/meminfo", "cpu/online", "/sys/devices/system/cpu/online". */
export function parseFile(text: string): string {
  const plain = text.replace(/^\//, "");
  const below = plain.replace(/^cpu\//, "").replace(`${CPU_DIRECTORY}/`, "");
  const path = VIRTUAL_FILES.find((file) => file.path === plain || file.path === `proc/${plain}`)?.path;
  if (path !== undefined) return path;
  if (CPU_FILES.some((file) => file.path === below) || /^cpu\d+\/./.test(below)) return `${CPU_DIRECTORY}/${below}`;
  throw new CliError(
    "noFile",
    `There is no virtual file "${text}"; there are ${FILE_NAMES.join(", ")} and files below cpu/`,
  );
}
