// inotify(7), one descriptor for any number of watches. Node's fs.watch has one too, and for each watch objects that a
// container with its five directories would cost 8 KiB; and it does not tell when the kernel has lost events.

import { closeSync, readSync } from "node:fs";
import { checked, fcntl, libc, SyscallError } from "./syscalls.ts";

export const IN_MODIFY = 0x2;
export const IN_ONLYDIR = 0x01000000;
const IN_Q_OVERFLOW = 0x4000;
const IN_IGNORED = 0x8000;

const IN_NONBLOCK = 0o4000;
const IN_CLOEXEC = 0o2000000;

const F_SETFL = 4;
const F_SETOWN_EX = 15;
const O_ASYNC = 0o20000;
/** struct f_owner_ex of fcntl(2): the main thread alone is told, so that no worker's read(2) is interrupted. */
const F_OWNER_TID = 0;

/** struct inotify_event: wd, mask, cookie, len, and then the name, padded with zeroes. */
const offset = { wd: 0, mask: 4, len: 12 } as const;
const EVENT_BYTES = 16;
const MAX_NAME_BYTES = 256;
const BUFFER_BYTES = 16 * 1024;

const libcInit = libc.func("int inotify_init1(int)") as (flags: number) => number;
const libcAdd = libc.func("int inotify_add_watch(int, str, uint)") as (
  fd: number,
  path: string,
  mask: number,
) => number;
const libcRemove = libc.func("int inotify_rm_watch(int, int)") as (fd: number, wd: number) => number;
const libcSetOwner = libc.func("fcntl", "int", ["int", "int", "void *"]) as (
  fd: number,
  operation: number,
  owner: Int32Array,
) => number;

export interface InotifyObserver {
  /** There are events, which `take` takes and tells of. */
  pending(take: () => void): void;
  /** Something happened to the file `name` of a watched directory. */
  happened(wd: number, name: string): void;
  /** That watch is no more: its directory is gone, or it was removed. */
  ended(wd: number): void;
  /** The kernel had no room for all events: anything may have happened. */
  lost(): void;
}

/** To be used by a main thread, which the kernel tells of events by SIGIO. Keeps no process alive. */
export class Inotify {
  /** Does not block. */
  readonly fd: number;
  readonly #observer: InotifyObserver;
  readonly #buffer = Buffer.allocUnsafeSlow(BUFFER_BYTES);
  readonly #take = (): void => this.#receive();
  readonly #signalled = (): void => this.#observer.pending(this.#take);

  /** Throws SyscallError (EMFILE) where fs.inotify.max_user_instances are in use. */
  constructor(observer: InotifyObserver) {
    this.#observer = observer;
    this.fd = checked("inotify_init1", "", libcInit(IN_NONBLOCK | IN_CLOEXEC));
    // First who hears of it: SIGIO ends a process that does not listen.
    process.on("SIGIO", this.#signalled);
    checked("fcntl", "F_SETOWN_EX", libcSetOwner(this.fd, F_SETOWN_EX, Int32Array.of(F_OWNER_TID, process.pid)));
    fcntl(this.fd, F_SETFL, O_ASYNC | IN_NONBLOCK);
  }

  /**
   * Watches a path for IN_* of `mask`. Returns the watch, the same for the same inode. Throws SyscallError: ENOSPC where
   * fs.inotify.max_user_watches are in use, ENOENT.
   */
  add(path: string, mask: number): number {
    return checked("inotify_add_watch", path, libcAdd(this.fd, path, mask));
  }

  /** Returns false where the kernel had removed it before, with its directory. */
  remove(wd: number): boolean {
    try {
      checked("inotify_rm_watch", String(wd), libcRemove(this.fd, wd));
      return true;
    } catch (error) {
      if (error instanceof SyscallError && error.code === "EINVAL") return false;
      throw error;
    }
  }

  close(): void {
    process.off("SIGIO", this.#signalled);
    closeSync(this.fd);
  }

  /** One signal may stand for many events, and many signals for one. */
  #receive(): void {
    for (;;) {
      const count = this.#read();
      for (let at = 0; at < count; ) at += this.#handle(at);
      if (count + EVENT_BYTES + MAX_NAME_BYTES < BUFFER_BYTES) return;
    }
  }

  #read(): number {
    try {
      return readSync(this.fd, this.#buffer);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "EAGAIN") return 0;
      throw error;
    }
  }

  /** Returns how long the event is. */
  #handle(at: number): number {
    const [wd, mask] = [this.#int(at + offset.wd), this.#int(at + offset.mask)];
    const end = at + EVENT_BYTES + this.#int(at + offset.len);
    if ((mask & IN_Q_OVERFLOW) !== 0) this.#observer.lost();
    else if ((mask & IN_IGNORED) !== 0) this.#observer.ended(wd);
    else this.#observer.happened(wd, this.#buffer.toString("latin1", at + EVENT_BYTES, end).replace(/\0+$/, ""));
    return end - at;
  }

  #int(at: number): number {
    return this.#buffer.readInt32LE(at);
  }
}
