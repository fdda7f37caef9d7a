// INIT flags this server asks for: bit numbers of include/uapi/linux/fuse.h, flags2 holds bits 32 and up.

export const FUSE_ASYNC_READ = 0;
/** Pages are dropped when size or mtime change: the generation of a file is its mtime. */
export const FUSE_AUTO_INVAL_DATA = 12;
/** Without it LOOKUP and READDIR of one directory wait for each other. */
export const FUSE_PARALLEL_DIROPS = 18;
/** An abort through fusectl is told from an unmount. */
export const FUSE_ABORT_ERROR = 21;
/** READ requests up to max_pages pages. */
export const FUSE_MAX_PAGES = 22;
/** flags2 is valid. */
export const FUSE_INIT_EXT = 30;
/** Announced by kernels that know FUSE_NOTIFY_RESEND (6.9 and later). */
export const FUSE_HAS_RESEND = 39;
/** Lets a runtime bind the files into a pod with a user namespace of its own (6.12 and later). */
export const FUSE_ALLOW_IDMAP = 40;

/** What is asked for wherever the kernel offers it. One profile for ever: a successor must not need another INIT. */
export const WANTED = [
  FUSE_ASYNC_READ,
  FUSE_AUTO_INVAL_DATA,
  FUSE_PARALLEL_DIROPS,
  FUSE_ABORT_ERROR,
  FUSE_MAX_PAGES,
  FUSE_INIT_EXT,
  FUSE_ALLOW_IDMAP,
] as const;
