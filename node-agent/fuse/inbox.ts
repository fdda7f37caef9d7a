// Where a worker reads requests to. A request stays in its slot until it is answered.

import { fuse_in_header, REQUEST_BUFFER_BYTES } from "./abi.ts";
import { OPCODES } from "./opcodes.ts";
import { Request } from "./request.ts";

export interface Slot {
  buffer: Buffer;
  request: Request;
}

export interface Inbox {
  /** Slots with requests that a predecessor read and did not answer. */
  unanswered(): Iterable<Slot>;
  /** A slot for the next request. */
  free(): Slot;
  /** The slot's request has its answer, or is owed none. */
  done(slot: Slot): void;
}

/** Memory of this process: what is read and not answered when it dies has to be sent again by the kernel. */
export class OwnInbox implements Inbox {
  readonly #slot = slotIn(Buffer.alloc(REQUEST_BUFFER_BYTES));

  unanswered(): Iterable<Slot> {
    return [];
  }

  free(): Slot {
    return this.#slot;
  }

  done(): void {
    // The next request takes its place.
  }
}

export function slotIn(buffer: Buffer): Slot {
  return { buffer, request: new Request(buffer) };
}

/** Whether a message that got no answer at once will get one later. */
export function isPutOff({ request }: Slot, lengthBytes: number): boolean {
  return lengthBytes >= fuse_in_header.size && OPCODES.get(request.opcode)?.answer !== undefined;
}
