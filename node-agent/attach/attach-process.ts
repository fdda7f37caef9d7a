// The process that enters containers, one visit after the other. A process, not a thread: one that is stuck in a system
// call can be killed and leaves the agent alone (docs/adr/0010).

import { CLONE_FS, unshare } from "../linux/syscalls.ts";
import { ATTACH_CALLS } from "./calls.ts";
import type { VisitRequest } from "./messages.ts";
import { visit } from "./visit.ts";

const homePid = process.argv[2] ?? "self";

// Threads share their root and working directory, which setns(2) does not allow. Synchronous calls only from here on:
// a thread that Node starts later would be where this one is then.
unshare(CLONE_FS);
const home = {
  namespaceFd: ATTACH_CALLS.openNamespace(`/proc/${homePid}/ns/mnt`),
  rootFd: ATTACH_CALLS.openDirectory(`/proc/${homePid}/root`),
};
if (homePid !== "self") {
  ATTACH_CALLS.setns(home.namespaceFd);
  ATTACH_CALLS.changeRoot(home.rootFd);
}

process.on("message", (request: VisitRequest) => {
  // Of an agent that has died "disconnect" tells, and maybe not yet: without a callback, EPIPE would be thrown.
  process.send?.(visit(ATTACH_CALLS, home, request), undefined, undefined, () => undefined);
});
process.on("disconnect", () => process.exit(0));
