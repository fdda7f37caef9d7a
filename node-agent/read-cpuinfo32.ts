// /proc/cpuinfo as the kernel tells it 32-bit processes: another file on arm64 alone (arch/arm64/kernel/cpuinfo.c).

import type { HostFiles } from "./host/host-files.ts";

/** Undefined where 32-bit processes are told the same. Throws HostFileError, SyscallError. */
export async function readCpuinfo32(files: HostFiles): Promise<string | undefined> {
  if (process.arch !== "arm64") return undefined;
  // Loads koffi, which other machines do without.
  const { asLinux32 } = await import("./linux/linux32.ts");
  return asLinux32(() => files.text("proc/cpuinfo"));
}
