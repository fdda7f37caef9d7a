// fcntl(2), FD_CLOEXEC: for descriptors that this process was started with and that its children must not have.

import { checked, libc } from "./syscalls.ts";

const F_SETFD = 2;
const FD_CLOEXEC = 1;

const libcFcntl = libc.func("int fcntl(int, int, int)") as (fd: number, command: number, value: number) => number;

export function closeOnExec(fd: number): void {
  checked("fcntl", `fd ${fd}`, libcFcntl(fd, F_SETFD, FD_CLOEXEC));
}
