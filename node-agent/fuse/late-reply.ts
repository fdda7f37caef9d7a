// An answer to a request that was put off: by any thread, long after the request's buffer was used for others.

import { writeReply } from "./device.ts";
import { type Answerable, type Attributes, Reply } from "./reply.ts";

const MAX_BODY_BYTES = 256;

/** What has to be kept of a LOOKUP or GETATTR request to answer it. */
export interface PutOff {
  uniqueLow: number;
  uniqueHigh: number;
  lookup: boolean;
}

export class LateReplies {
  readonly #fd: number;
  readonly #reply = new Reply(MAX_BODY_BYTES);

  constructor(fd: number) {
    this.#fd = fd;
  }

  /** Sends the attributes. One that nobody waits for any more is none the worse. */
  send(request: PutOff, attributes: Attributes): void {
    const answerable: Answerable = {
      copyUnique(target, at) {
        target.writeUInt32LE(request.uniqueLow, at);
        target.writeUInt32LE(request.uniqueHigh, at + 4);
      },
    };
    if (request.lookup) this.#reply.entry(answerable, attributes);
    else this.#reply.attributes(answerable, attributes);
    writeReply(this.#fd, this.#reply.buffer, this.#reply.length);
  }
}
