// SOURCE PID TARGET: puts a file into the container of a process as a runtime does that walks to it from outside the
// container's cgroup: its inode is the host's.

import { ATTACH_CALLS } from "../../../node-agent/attach/calls.ts";
import { CLONE_FS, unshare } from "../../../node-agent/linux/syscalls.ts";

const [source = "", pid = "", target = ""] = process.argv.slice(2);
const mountFd = ATTACH_CALLS.cloneMount(undefined, source);
const namespaceFd = ATTACH_CALLS.openNamespace(`/proc/${pid}/ns/mnt`);
const rootFd = ATTACH_CALLS.openDirectory(`/proc/${pid}/root`);
unshare(CLONE_FS);
ATTACH_CALLS.setns(namespaceFd);
ATTACH_CALLS.changeRoot(rootFd);
ATTACH_CALLS.unmount(target);
ATTACH_CALLS.attachMount(mountFd, target);
