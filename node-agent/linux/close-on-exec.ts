// fcntl(2), FD_CLOEXEC: for descriptors that this process was started with and that its children must not have.

import { fcntl } from "./syscalls.ts";

const F_SETFD = 2;
const FD_CLOEXEC = 1;

export function closeOnExec(fd: number): void {
  fcntl(fd, F_SETFD, FD_CLOEXEC);
}
