// THE protocol table: every opcode of include/uapi/linux/fuse.h, the shortest body it may have, and how it is answered.
// ENOSYS is remembered by the kernel for most opcodes: it never asks again, which is how OPEN, FLUSH and ACCESS cost nothing.

import { fuse_getattr_in, fuse_open_in, fuse_read_in, fuse_release_in } from "./abi.ts";
import { type ErrnoName, errno } from "./errno.ts";
import type { FuseOperations } from "./operations.ts";
import type { Reply } from "./reply.ts";
import type { Request } from "./request.ts";

/** Returns false where the answer comes later. */
type Answer = (operations: FuseOperations, request: Request, reply: Reply) => boolean;

export interface Opcode {
  name: string;
  /** Shortest body in bytes; a shorter one is answered EINVAL. */
  minBodyBytes: number;
  /** Absent: the kernel expects no answer. */
  answer?: Answer;
  /** Where it expects none. */
  hear?(operations: FuseOperations, request: Request): void;
}

export const FUSE_GETATTR = 3;
export const FUSE_READ = 15;
export const FUSE_INIT = 26;

const served = (name: string, minBodyBytes: number, answer: Answer): Opcode => ({ name, minBodyBytes, answer });
const silent = (name: string): Opcode => ({ name, minBodyBytes: 0 });
const refused = (name: string, code: ErrnoName): Opcode => ({
  name,
  minBodyBytes: 0,
  answer: (_operations, request, reply) => reply.empty(request, errno[code]),
});

export const OPCODES: ReadonlyMap<number, Opcode> = new Map<number, Opcode>([
  [
    1,
    served("LOOKUP", 2, (operations, request, reply) => {
      const attributes = operations.lookup(request);
      return attributes !== undefined && reply.entry(request, attributes);
    }),
  ],
  [2, silent("FORGET")],
  [
    FUSE_GETATTR,
    served("GETATTR", fuse_getattr_in.size, (operations, request, reply) => {
      const attributes = operations.getattr(request);
      return attributes !== undefined && reply.attributes(request, attributes);
    }),
  ],
  [4, refused("SETATTR", "EROFS")],
  [5, served("READLINK", 0, (operations, request, reply) => reply.target(request, operations.readlink(request)))],
  [6, refused("SYMLINK", "EROFS")],
  [8, refused("MKNOD", "EROFS")],
  [9, refused("MKDIR", "EROFS")],
  [10, refused("UNLINK", "EROFS")],
  [11, refused("RMDIR", "EROFS")],
  [12, refused("RENAME", "EROFS")],
  [13, refused("LINK", "EROFS")],
  // Where each reading is not to be a rendering of its own, identity is settled at the path walk and there is nothing to
  // decide per open and nothing to release.
  [
    14,
    served("OPEN", fuse_open_in.size, (operations, request, reply) => {
      const opened = operations.open(request);
      return opened === undefined ? reply.empty(request, errno.ENOSYS) : reply.opened(request, opened);
    }),
  ],
  [
    FUSE_READ,
    served("READ", fuse_read_in.size, (operations, request, reply) =>
      reply.bytes(request, operations.read(request, reply.body)),
    ),
  ],
  [16, refused("WRITE", "EROFS")],
  [17, served("STATFS", 0, (_operations, request, reply) => reply.statfs(request))],
  [
    18,
    served("RELEASE", fuse_release_in.size, (operations, request, reply) => {
      operations.release(request);
      return reply.empty(request);
    }),
  ],
  [20, refused("FSYNC", "ENOSYS")],
  [21, refused("SETXATTR", "ENOSYS")],
  [22, refused("GETXATTR", "ENOSYS")],
  [23, refused("LISTXATTR", "ENOSYS")],
  [24, refused("REMOVEXATTR", "ENOSYS")],
  // A FLUSH that waits would block every exec that closes a file of ours, and with it `ps`.
  [25, refused("FLUSH", "ENOSYS")],
  [27, refused("OPENDIR", "ENOSYS")],
  [
    28,
    served("READDIR", fuse_read_in.size, (operations, request, reply) =>
      reply.directory(request, operations.readdir(request), false),
    ),
  ],
  [29, served("RELEASEDIR", 0, (_operations, request, reply) => reply.empty(request))],
  [30, refused("FSYNCDIR", "ENOSYS")],
  [31, refused("GETLK", "ENOSYS")],
  [32, refused("SETLK", "ENOSYS")],
  [33, refused("SETLKW", "ENOSYS")],
  [34, refused("ACCESS", "ENOSYS")],
  [35, refused("CREATE", "EROFS")],
  // Requests are answered within milliseconds: an INTERRUPT changes nothing.
  [36, silent("INTERRUPT")],
  [37, refused("BMAP", "ENOSYS")],
  [38, silent("DESTROY")],
  [39, refused("IOCTL", "ENOSYS")],
  [40, refused("POLL", "ENOSYS")],
  [41, { ...silent("NOTIFY_REPLY"), hear: (operations, request) => operations.notifyReply(request) }],
  [42, silent("BATCH_FORGET")],
  [43, refused("FALLOCATE", "ENOSYS")],
  [
    44,
    served("READDIRPLUS", fuse_read_in.size, (operations, request, reply) =>
      reply.directory(request, operations.readdir(request), true),
    ),
  ],
  [45, refused("RENAME2", "EROFS")],
  [46, refused("LSEEK", "ENOSYS")],
  [47, refused("COPY_FILE_RANGE", "ENOSYS")],
  [48, refused("SETUPMAPPING", "ENOSYS")],
  [49, refused("REMOVEMAPPING", "ENOSYS")],
  [50, refused("SYNCFS", "ENOSYS")],
  [51, refused("TMPFILE", "ENOSYS")],
  [52, refused("STATX", "ENOSYS")],
  [53, refused("COPY_FILE_RANGE_64", "ENOSYS")],
]);
