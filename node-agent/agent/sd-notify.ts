// What systemd and a service tell each other: sd_notify(3), sd_listen_fds(3), the file descriptor store.

import { closeSync } from "node:fs";
import { closeOnExec } from "../linux/close-on-exec.ts";
import { connectUnix, sendText } from "../linux/unix-socket.ts";

const LIMIT_MILLIS = 2000;
const FIRST_FD = 3;

/** Tells systemd, if there is one; descriptors that go with it have to be FDSTORE=1. */
export function notify(environment: NodeJS.ProcessEnv, text: string, fds: readonly number[] = []): void {
  const path = environment["NOTIFY_SOCKET"];
  if (path === undefined) return;
  const fd = connectUnix(path, "datagram", LIMIT_MILLIS);
  try {
    sendText(fd, text, fds);
  } finally {
    closeSync(fd);
  }
}

/** Descriptors that systemd kept for this service, by name. */
export function storedFds(environment: NodeJS.ProcessEnv, processId: number): ReadonlyMap<string, number> {
  if (Number(environment["LISTEN_PID"]) !== processId) return new Map();
  const names = (environment["LISTEN_FDNAMES"] ?? "").split(":");
  const fds = new Map<string, number>();
  for (let place = 0; place < Number(environment["LISTEN_FDS"] ?? 0); place += 1) {
    closeOnExec(FIRST_FD + place);
    fds.set(names[place] ?? "", FIRST_FD + place);
  }
  return fds;
}
