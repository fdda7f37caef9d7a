// Whether inotify(7) has events that nobody has read yet: asked from any thread, without taking one away, and without the
// native code that linux/inotify.ts needs.

import { readSync } from "node:fs";

/** Too small for any event: read(2) says EINVAL where there is one, EAGAIN where there is none. */
const NO_EVENT_FITS = Buffer.alloc(1);

/** Of a descriptor that does not block. An event is there when the write(2) that caused it returns (fs/notify). */
export function hasPendingEvents(fd: number): boolean {
  // Nobody sees that stack, which costs more than the call.
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    readSync(fd, NO_EVENT_FITS, 0, NO_EVENT_FITS.length, null);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "EAGAIN";
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}
