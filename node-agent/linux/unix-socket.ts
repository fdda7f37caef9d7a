// Unix sockets that carry file descriptors (unix(7), SCM_RIGHTS), which Node's own do not. Blocking, with a time limit.

import { closeSync } from "node:fs";
import koffi from "koffi";
import { checked, libc, SyscallError } from "./syscalls.ts";

const AF_UNIX = 1;
const SOCK_STREAM = 1;
const SOCK_DGRAM = 2;
const SOCK_CLOEXEC = 0o2000000;
const SOL_SOCKET = 1;
const SCM_RIGHTS = 1;
const SO_RCVTIMEO = 20;
const SO_SNDTIMEO = 21;
const MSG_NOSIGNAL = 0x4000;
const MSG_CMSG_CLOEXEC = 0x40000000;
const MAX_PATH_BYTES = 107;
const MAX_TEXT_BYTES = 4096;
const MAX_FDS = 8;

/** struct msghdr and struct cmsghdr of 64-bit machines, as byte offsets. */
const msghdr = { size: 56, iov: 16, iovlen: 24, control: 32, controllen: 40 } as const;
const cmsghdr = { size: 16, len: 0, level: 8, type: 12 } as const;

const libcSocket = libc.func("int socket(int, int, int)") as (domain: number, type: number, protocol: number) => number;
const libcConnect = libc.func("int connect(int, void *, uint)") as (fd: number, to: Buffer, size: number) => number;
const libcSetsockopt = libc.func("int setsockopt(int, int, int, void *, uint)") as (
  fd: number,
  level: number,
  name: number,
  value: Buffer,
  size: number,
) => number;
const libcSendmsg = libc.func("long sendmsg(int, void *, int)") as (
  fd: number,
  message: Buffer,
  flags: number,
) => number;
const libcRecvmsg = libc.func("long recvmsg(int, void *, int)") as (
  fd: number,
  message: Buffer,
  flags: number,
) => number;

export type SocketKind = "stream" | "datagram";
const TYPES: Record<SocketKind, number> = { stream: SOCK_STREAM, datagram: SOCK_DGRAM };

/** Connects to a socket; "@name" is one of the abstract namespace. Throws SyscallError. */
export function connectUnix(path: string, kind: SocketKind, limitMillis: number): number {
  const fd = checked("socket", path, libcSocket(AF_UNIX, TYPES[kind] | SOCK_CLOEXEC, 0));
  try {
    const timeout = Buffer.alloc(16);
    timeout.writeBigInt64LE(BigInt(Math.floor(limitMillis / 1000)), 0);
    timeout.writeBigInt64LE(BigInt(Math.floor(limitMillis % 1000) * 1000), 8);
    for (const option of [SO_RCVTIMEO, SO_SNDTIMEO]) {
      checked("setsockopt", path, libcSetsockopt(fd, SOL_SOCKET, option, timeout, timeout.length));
    }
    const address = socketAddress(path);
    checked("connect", path, libcConnect(fd, address, address.length));
    return fd;
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

function socketAddress(path: string): Buffer {
  const name = Buffer.from(path.replace(/^@/, "\0"));
  if (name.length > MAX_PATH_BYTES) {
    throw new TypeError(
      `The socket path "${path}" has ${name.length} bytes, ${MAX_PATH_BYTES} fit; choose a shorter one`,
    );
  }
  const family = Buffer.alloc(2);
  family.writeUInt16LE(AF_UNIX);
  return Buffer.concat([family, name, ...(path.startsWith("@") ? [] : [Buffer.alloc(1)])]);
}

/** Sends a text, and descriptors with it. */
export function sendText(fd: number, text: string, fds: readonly number[] = []): void {
  const control = Buffer.alloc(fds.length === 0 ? 0 : Math.ceil((cmsghdr.size + fds.length * 4) / 8) * 8);
  if (fds.length > 0) {
    control.writeUInt32LE(cmsghdr.size + fds.length * 4, cmsghdr.len);
    control.writeInt32LE(SOL_SOCKET, cmsghdr.level);
    control.writeInt32LE(SCM_RIGHTS, cmsghdr.type);
    for (const [place, sent] of fds.entries()) control.writeInt32LE(sent, cmsghdr.size + place * 4);
  }
  const body = Buffer.from(text);
  const { header, iov } = messageOf(body, control);
  uninterrupted("sendmsg", `fd ${fd}`, () => libcSendmsg(fd, header, MSG_NOSIGNAL));
  keepAlive(iov);
}

export interface Received {
  /** Empty where the peer has gone. */
  text: string;
  /** Close-on-exec, and the receiver's to close. */
  fds: readonly number[];
}

/** Waits for a text and the descriptors that come with it. Throws SyscallError, EAGAIN after the time limit. */
export function receiveText(fd: number): Received {
  const body = Buffer.alloc(MAX_TEXT_BYTES);
  const control = Buffer.alloc(cmsghdr.size + MAX_FDS * 4);
  const { header, iov } = messageOf(body, control);
  const length = uninterrupted("recvmsg", `fd ${fd}`, () => libcRecvmsg(fd, header, MSG_CMSG_CLOEXEC));
  keepAlive(iov);
  const fds: number[] = [];
  if (header.readUInt32LE(msghdr.controllen) > 0 && control.readInt32LE(cmsghdr.type) === SCM_RIGHTS) {
    for (let at: number = cmsghdr.size; at < control.readUInt32LE(cmsghdr.len); at += 4)
      fds.push(control.readInt32LE(at));
  }
  return { text: body.toString("utf8", 0, length), fds };
}

/** With a time limit on the socket, the kernel does not start a call again after a signal, such as that of a child's end. */
function uninterrupted(name: string, subject: string, call: () => number): number {
  for (;;) {
    try {
      return checked(name, subject, call());
    } catch (error) {
      if (!(error instanceof SyscallError && error.code === "EINTR")) throw error;
    }
  }
}

function messageOf(body: Buffer, control: Buffer): { header: Buffer; iov: Buffer } {
  const iov = Buffer.alloc(16);
  iov.writeBigUInt64LE(addressOf(body), 0);
  iov.writeBigUInt64LE(BigInt(body.length), 8);
  const header = Buffer.alloc(msghdr.size);
  header.writeBigUInt64LE(addressOf(iov), msghdr.iov);
  header.writeBigUInt64LE(1n, msghdr.iovlen);
  if (control.length > 0) header.writeBigUInt64LE(addressOf(control), msghdr.control);
  header.writeBigUInt64LE(BigInt(control.length), msghdr.controllen);
  return { header, iov };
}

function addressOf(buffer: Buffer): bigint {
  return BigInt(koffi.address(buffer));
}

/** The kernel reads what a header points to: it must not be collected before. */
function keepAlive(buffer: Buffer): void {
  buffer.readUInt8(0);
}
