// Sizes and field offsets of the FUSE wire structures that a read-only file system meets.
// Names are those of include/uapi/linux/fuse.h; offsets in a body count from the end of the header.
// All fields are in host order, which is little-endian on the two architectures served (x86-64, arm64).

export const FUSE_KERNEL_VERSION = 7;
/** Replies are laid out as of this minor; later ones only append what is not used here. */
export const FUSE_KERNEL_MINOR_VERSION = 38;
/** Oldest minor whose attributes and INIT reply have today's size (Linux 5.2). */
export const OLDEST_MINOR_VERSION = 31;

export const FUSE_ROOT_ID = 1;

export const fuse_in_header = {
  size: 40,
  len: 0,
  opcode: 4,
  unique: 8,
  nodeid: 16,
  uid: 24,
  gid: 28,
  pid: 32,
} as const;
export const fuse_out_header = { size: 16, len: 0, error: 4, unique: 8 } as const;

export const fuse_init_in = { size: 16, major: 0, minor: 4, max_readahead: 8, flags: 12, flags2: 16 } as const;
export const fuse_init_out = {
  size: 64,
  major: 0,
  minor: 4,
  max_readahead: 8,
  flags: 12,
  max_background: 16,
  congestion_threshold: 18,
  max_write: 20,
  time_gran: 24,
  max_pages: 28,
  flags2: 32,
} as const;

export const fuse_attr = {
  size: 88,
  ino: 0,
  sizeField: 8,
  blocks: 16,
  atime: 24,
  mtime: 32,
  ctime: 40,
  atimensec: 48,
  mtimensec: 52,
  ctimensec: 56,
  mode: 60,
  nlink: 64,
  uid: 68,
  gid: 72,
  rdev: 76,
  blksize: 80,
} as const;

export const fuse_entry_out = {
  size: 128,
  nodeid: 0,
  generation: 8,
  entry_valid: 16,
  attr_valid: 24,
  entry_valid_nsec: 32,
  attr_valid_nsec: 36,
  attr: 40,
} as const;

export const fuse_attr_out = { size: 104, attr_valid: 0, attr_valid_nsec: 8, attr: 16 } as const;
export const fuse_getattr_in = { size: 16, getattr_flags: 0, fh: 8 } as const;
export const fuse_open_in = { size: 8 } as const;
export const fuse_open_out = { size: 16, fh: 0, open_flags: 8 } as const;
export const fuse_release_in = { size: 24, fh: 0 } as const;
export const fuse_read_in = { size: 40, fh: 0, offset: 8, sizeField: 16 } as const;
export const fuse_statfs_out = { size: 80, bsize: 40, namelen: 44, frsize: 48 } as const;
export const fuse_dirent = { size: 24, ino: 0, off: 8, namelen: 16, type: 20, name: 24 } as const;
export const fuse_direntplus = { size: 152, dirent: 128, name: 152 } as const;

/** `off` and `len` 0: all of the file; a negative `off`: its attributes alone. */
export const fuse_notify_inval_inode_out = { size: 24, ino: 0, off: 8, len: 16 } as const;

export const fuse_notify_store_out = { size: 24, nodeid: 0, offset: 8, sizeField: 16 } as const;

export const fuse_notify_retrieve_out = { size: 32, notify_unique: 0, nodeid: 8, offset: 16, sizeField: 24 } as const;

/** Notification codes, sent as `error` in an out header whose unique is 0. */
export const notify = {
  FUSE_NOTIFY_INVAL_INODE: 2,
  FUSE_NOTIFY_STORE: 4,
  FUSE_NOTIFY_RETRIEVE: 5,
  FUSE_NOTIFY_RESEND: 7,
} as const;

/** Smallest buffer the device accepts is max(8192, 80 + max_write); the room above serves BATCH_FORGET. */
export const REQUEST_BUFFER_BYTES = 16_384;
export const MAX_WRITE_BYTES = 4096;

/** The file type bits of st_mode, and how far they are shifted in the types of readdir(3). */
export const DT_SHIFT = 12;
export const S_IFDIR = 0o040000;
export const S_IFREG = 0o100000;
export const S_IFLNK = 0o120000;
