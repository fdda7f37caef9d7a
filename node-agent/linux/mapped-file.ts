// mmap(2): a file as memory. What is written there survives the process that wrote it, down to the last byte.

import koffi from "koffi";
import { libc } from "./syscalls.ts";

const PROT_READ = 1;
const PROT_WRITE = 2;
const MAP_SHARED = 1;

const libcMmap = libc.func("void *mmap(void *, ulong, int, int, int, long)") as (
  address: null,
  length: number,
  protection: number,
  flags: number,
  fd: number,
  offset: number,
) => unknown;

/** The first `length` bytes of a file, which must be as long. */
export function mapFile(fd: number, length: number): Buffer {
  const address = libcMmap(null, length, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  // MAP_FAILED is -1 and no pointer: what koffi makes of it cannot be viewed, and throws.
  return Buffer.from(koffi.view(address, length) as ArrayBuffer);
}
