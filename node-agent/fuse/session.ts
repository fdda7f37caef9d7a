// The loop of one worker: read a request, answer it, until the file system is unmounted.

import { fuse_in_header, fuse_init_in } from "./abi.ts";
import { readRequest, writeReply } from "./device.ts";
import { errno, FuseError } from "./errno.ts";
import { type Inbox, isPutOff, OwnInbox, type Slot } from "./inbox.ts";
import { parseInit, writeInitReply } from "./init.ts";
import { FUSE_INIT, OPCODES } from "./opcodes.ts";
import type { FuseOperations } from "./operations.ts";
import { Reply } from "./reply.ts";
import { type Request, UnanswerableRequest } from "./request.ts";

/** 128 pages, as INIT promises. */
const MAX_REPLY_BODY_BYTES = 512 * 1024;

/** Told of every request, for metrics, logs and --trace. Must be cheap and must not throw. */
export interface SessionObserver {
  /** A request was read. */
  received?(): void;
  /** A request was answered; `error` is 0 or the error number. Nanoseconds are not taken here: reading a clock costs. */
  answered(request: Request, reply: Reply): void;
  /** Code threw something that is no FuseError, or a message made no sense: a bug of ours or of the kernel's. */
  failed(error: unknown): void;
}

export interface Session {
  fd: number;
  operations: FuseOperations;
  observer: SessionObserver;
  inbox?: Inbox;
  /** Asked before each request: whether to leave the rest to others. */
  isDraining?(): boolean;
}

/** Serves until the connection is gone or drained. Throws what the device throws beyond the known errors. */
export function serve(session: Session): "gone" | "drained" {
  const inbox = session.inbox ?? new OwnInbox();
  const reply = new Reply(MAX_REPLY_BODY_BYTES);
  for (const slot of inbox.unanswered())
    handle(session, inbox, slot, reply, slot.buffer.readUInt32LE(fuse_in_header.len));
  while (session.isDraining?.() !== true) {
    const slot = inbox.free();
    const length = readRequest(session.fd, slot.buffer);
    if (length === undefined) return "gone";
    handle(session, inbox, slot, reply, length);
  }
  return "drained";
}

function handle(session: Session, inbox: Inbox, slot: Slot, reply: Reply, length: number): void {
  const { fd, observer } = session;
  observer.received?.();
  const ready = answer(session, slot.request, reply, length);
  if (ready && writeReply(fd, reply.buffer, reply.length)) observer.answered(slot.request, reply);
  if (ready || !isPutOff(slot, length)) inbox.done(slot);
}

/** Prepares the reply to the message of `length` bytes in the request's buffer. Returns false where none is owed. */
export function answer(
  session: Pick<Session, "operations" | "observer">,
  request: Request,
  reply: Reply,
  length: number,
): boolean {
  try {
    request.accept(length);
    return dispatch(session.operations, request, reply);
  } catch (error) {
    if (error instanceof UnanswerableRequest) {
      session.observer.failed(error);
      return false;
    }
    if (!(error instanceof FuseError)) session.observer.failed(error);
    reply.empty(request, error instanceof FuseError ? error.errno : errno.EIO);
    return true;
  }
}

function dispatch(operations: FuseOperations, request: Request, reply: Reply): boolean {
  if (request.opcode === FUSE_INIT) {
    if (request.bodyBytes < fuse_init_in.size) throw new FuseError("EINVAL", `INIT with ${request.bodyBytes} bytes`);
    return reply.bytes(request, writeInitReply(parseInit(request.body), reply.body));
  }
  const opcode = OPCODES.get(request.opcode);
  if (opcode === undefined) throw new FuseError("ENOSYS", `Opcode ${request.opcode} is not known`);
  if (opcode.answer === undefined) {
    opcode.hear?.(operations, request);
    return false;
  }
  if (request.bodyBytes < opcode.minBodyBytes) {
    throw new FuseError("EINVAL", `${opcode.name} with ${request.bodyBytes} bytes, ${opcode.minBodyBytes} needed`);
  }
  return opcode.answer(operations, request, reply);
}
