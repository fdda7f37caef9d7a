// /dev/fuse: one read(2) is one request, one write(2) is one answer or notification.
// What each error number means here follows fs/fuse/dev.c.

import { closeSync, openSync, readSync, writeSync } from "node:fs";
import {
  fuse_notify_inval_inode_out,
  fuse_notify_retrieve_out,
  fuse_notify_store_out,
  fuse_out_header,
  notify,
} from "./abi.ts";

export const FUSE_DEVICE = "/dev/fuse";

/** The device is missing or may not be opened. */
export class FuseDeviceError extends Error {
  constructor(cause: unknown) {
    super(
      `Cannot open ${FUSE_DEVICE}: ${systemCode(cause)}; load the module with "modprobe fuse", in a container pass the device in`,
      {
        cause,
      },
    );
    this.name = "FuseDeviceError";
  }
}

/** Opens a connection of its own. It serves nothing until it is mounted. Throws FuseDeviceError. */
export function openFuseDevice(): number {
  try {
    return openSync(FUSE_DEVICE, "r+");
  } catch (error) {
    throw new FuseDeviceError(error);
  }
}

export const closeFuseDevice: (fd: number) => void = closeSync;

/** The error name of a failed system call, such as "ENODEV". */
export function systemCode(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : String(error);
}

/** A request aborted while it was copied, or a signal: the next read gets the next request. */
const READ_AGAIN = new Set(["EINTR", "ENOENT", "EAGAIN"]);
/** Unmounted, or aborted through fusectl: the connection is gone for good. */
const CONNECTION_GONE = new Set(["ENODEV", "ECONNABORTED"]);

/** Blocks for the next request. Returns its length in bytes, or undefined once the connection is gone. */
export function readRequest(fd: number, buffer: Buffer): number | undefined {
  for (;;) {
    try {
      return readSync(fd, buffer, 0, buffer.length, null);
    } catch (error) {
      const code = systemCode(error);
      if (CONNECTION_GONE.has(code)) return undefined;
      if (!READ_AGAIN.has(code)) throw error;
    }
  }
}

/** Sends an answer. Returns false where nobody waits for it any more: interrupted, resent or answered by another. */
export function writeReply(fd: number, buffer: Buffer, length: number): boolean {
  try {
    writeSync(fd, buffer, 0, length);
    return true;
  } catch (error) {
    const code = systemCode(error);
    if (code === "ENOENT" || CONNECTION_GONE.has(code)) return false;
    throw error;
  }
}

const inval = Buffer.alloc(fuse_out_header.size + fuse_notify_inval_inode_out.size);

/** Has the kernel drop what it keeps of a node, its pages too if asked; of one that it does not know it keeps nothing. */
export function invalidateInode(fd: number, nodeidHigh: number, nodeidLow: number, pages: boolean): void {
  inval.writeUInt32LE(inval.length, fuse_out_header.len);
  inval.writeInt32LE(notify.FUSE_NOTIFY_INVAL_INODE, fuse_out_header.error);
  inval.writeUInt32LE(nodeidLow, fuse_out_header.size + fuse_notify_inval_inode_out.ino);
  inval.writeUInt32LE(nodeidHigh, fuse_out_header.size + fuse_notify_inval_inode_out.ino + 4);
  inval.writeBigInt64LE(pages ? 0n : -1n, fuse_out_header.size + fuse_notify_inval_inode_out.off);
  writeReply(fd, inval, inval.length);
}

const STORE_BYTES = fuse_out_header.size + fuse_notify_store_out.size;
let store = Buffer.alloc(STORE_BYTES + 64 * 1024);

/**
 * Puts the content of a file into the kernel's pages, and its size where that is larger than the one known. Waits for
 * pages that somebody reads in. Returns false where the kernel does not know the node, or has no memory for it.
 */
export function storePages(fd: number, nodeidHigh: number, nodeidLow: number, content: Buffer): boolean {
  const length = STORE_BYTES + content.length;
  if (store.length < length) store = Buffer.alloc(length * 2);
  store.writeUInt32LE(length, fuse_out_header.len);
  store.writeInt32LE(notify.FUSE_NOTIFY_STORE, fuse_out_header.error);
  store.writeUInt32LE(nodeidLow, fuse_out_header.size + fuse_notify_store_out.nodeid);
  store.writeUInt32LE(nodeidHigh, fuse_out_header.size + fuse_notify_store_out.nodeid + 4);
  store.writeUInt32LE(content.length, fuse_out_header.size + fuse_notify_store_out.sizeField);
  content.copy(store, STORE_BYTES);
  return notifyIfRoom(fd, store, length);
}

/**
 * Has the kernel queue a NOTIFY_REPLY with that unique, behind all requests sent so far: it retrieves nothing of a file.
 * Waits for the answer to INIT. Returns false where the kernel does not know the node, or has no memory for it.
 */
export function requestNotifyReply(
  fd: number,
  { uniqueHigh, uniqueLow }: { uniqueHigh: number; uniqueLow: number },
  nodeidHigh: number,
  nodeidLow: number,
): boolean {
  const message = Buffer.alloc(fuse_out_header.size + fuse_notify_retrieve_out.size);
  message.writeUInt32LE(message.length, fuse_out_header.len);
  message.writeInt32LE(notify.FUSE_NOTIFY_RETRIEVE, fuse_out_header.error);
  message.writeUInt32LE(uniqueLow, fuse_out_header.size + fuse_notify_retrieve_out.notify_unique);
  message.writeUInt32LE(uniqueHigh, fuse_out_header.size + fuse_notify_retrieve_out.notify_unique + 4);
  message.writeUInt32LE(nodeidLow, fuse_out_header.size + fuse_notify_retrieve_out.nodeid);
  message.writeUInt32LE(nodeidHigh, fuse_out_header.size + fuse_notify_retrieve_out.nodeid + 4);
  return notifyIfRoom(fd, message, message.length);
}

/** Sends a notification for which the kernel needs memory. Returns false where it has none, or does not know the node. */
function notifyIfRoom(fd: number, buffer: Buffer, length: number): boolean {
  try {
    return writeReply(fd, buffer, length);
  } catch (error) {
    if (systemCode(error) === "ENOMEM") return false;
    throw error;
  }
}

/**
 * Has the kernel queue again what a predecessor read but did not answer.
 * Returns false on kernels that do not know it (before 6.9).
 */
export function requestResend(fd: number): boolean {
  const message = Buffer.alloc(fuse_out_header.size);
  message.writeUInt32LE(fuse_out_header.size, fuse_out_header.len);
  message.writeInt32LE(notify.FUSE_NOTIFY_RESEND, fuse_out_header.error);
  try {
    writeSync(fd, message);
    return true;
  } catch (error) {
    if (systemCode(error) === "EINVAL") return false;
    throw error;
  }
}
