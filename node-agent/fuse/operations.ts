// What a file system must offer to be served: the few operations that a read-only one needs.

import type { Attributes, DirectoryEntry, OpenedFile } from "./reply.ts";
import type { Request } from "./request.ts";

export interface FuseOperations {
  /**
   * The child `request.name` of the request's node, as its caller sees it. Undefined: it is answered later.
   * Throws FuseError (ENOENT, ENOTDIR, ...).
   */
  lookup(request: Request): Attributes | undefined;
  /** Attributes of the request's node. Undefined: it is answered later. */
  getattr(request: Request): Attributes | undefined;
  /** Where the request's symbolic link leads its caller, relative to the link. Throws FuseError (EINVAL, EPERM, ...). */
  readlink(request: Request): string;
  /** Opens the request's file. Undefined: files are opened without asking, from now on and for ever. */
  open(request: Request): OpenedFile | undefined;
  /** Nobody has the request's open file any more. */
  release(request: Request): void;
  /** Copies up to `request.readSize` bytes from `request.readOffset` on into `target`; returns how many, 0 at the end. */
  read(request: Request, target: Buffer): number;
  /** All entries of the request's directory, always in the same order for the same caller. */
  readdir(request: Request): readonly DirectoryEntry[];
  /** What was asked for with the request's unique: all that was sent before has been read. No answer is owed. */
  notifyReply(request: Request): void;
}
