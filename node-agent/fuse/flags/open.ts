// Flags of the answer to OPEN.

/** Reads go to the server, past the page cache. */
export const FOPEN_DIRECT_IO = 1 << 0;
/** What the page cache holds of the file is right. */
export const FOPEN_KEEP_CACHE = 1 << 1;
/** No FLUSH at close(2): one that waits would block every exec that closes a file of ours. */
export const FOPEN_NOFLUSH = 1 << 5;
