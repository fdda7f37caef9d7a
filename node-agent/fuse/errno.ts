// Error numbers a FUSE server answers with, and the one exception that carries them.
// Source: include/uapi/asm-generic/errno-base.h and errno.h (the same on x86-64 and arm64).

export const errno = {
  EPERM: 1,
  ENOENT: 2,
  ESRCH: 3,
  EINTR: 4,
  EIO: 5,
  EBADF: 9,
  EAGAIN: 11,
  EACCES: 13,
  EBUSY: 16,
  EEXIST: 17,
  ENODEV: 19,
  ENOTDIR: 20,
  EISDIR: 21,
  EINVAL: 22,
  EFBIG: 27,
  EROFS: 30,
  ENAMETOOLONG: 36,
  ENOSYS: 38,
  EPROTO: 71,
  ENOTCONN: 107,
  ECONNABORTED: 103,
  ESTALE: 116,
} as const;

export type ErrnoName = keyof typeof errno;

/** Thrown by file-system code to end a request with that error number; the session turns it into the reply. */
export class FuseError extends Error {
  readonly code: ErrnoName;
  readonly errno: number;

  constructor(code: ErrnoName, message: string, options?: ErrorOptions) {
    super(`${code}: ${message}`, options);
    this.name = "FuseError";
    this.code = code;
    this.errno = errno[code];
  }
}
