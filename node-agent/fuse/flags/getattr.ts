// Flags of a GETATTR request.

/** Set when a read(2) through an open file asks, not an open(2) or a stat(2). */
export const FUSE_GETATTR_FH = 1 << 0;
