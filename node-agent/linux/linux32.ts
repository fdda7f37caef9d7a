// Runs something as a 32-bit process would: arm64 has another /proc/cpuinfo for them (arch/arm64/kernel/cpuinfo.c).

import { setPersonality } from "./syscalls.ts";

/** PER_LINUX32 of include/uapi/linux/personality.h; what linux32(8) sets, and a runtime for a 32-bit image. */
const PER_LINUX32 = 0x0008;

/** What `read` returns when this thread has the personality of a 32-bit process, which it has no longer afterwards. */
export function asLinux32<Result>(read: () => Result): Result {
  const before = setPersonality(PER_LINUX32);
  try {
    return read();
  } finally {
    setPersonality(before);
  }
}
