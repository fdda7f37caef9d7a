// The client that is many containers, each reading the same files once a second.

import { Conversation, spawnIn } from "./processes.ts";

/** Hundreds of containers on a busy machine take minutes to start: each walks to every file. */
const LIMIT_MILLIS = 600_000;

export interface PollAnswer {
  reads: number;
  failed: number;
  error: string;
  /** Polls that began more than 100 ms after their time: the machine, or the server, cannot keep up. */
  latePolls: number;
  elapsedNanos: number;
  p50Nanos: number;
  p99Nanos: number;
}

export class PollClient {
  readonly #conversation: Conversation;

  private constructor(conversation: Conversation) {
    this.#conversation = conversation;
  }

  /** A container for each list of cgroups, all with the files of a mount bound into them. */
  static async start(
    program: string,
    mount: string,
    containers: readonly (readonly string[])[],
    files: readonly string[],
  ): Promise<PollClient> {
    const conversation = new Conversation(spawnIn([], [program, "poll", mount, String(containers.length), ...files]));
    for (const cgroups of containers) conversation.say(cgroups.join(","));
    await conversation.answer(LIMIT_MILLIS);
    return new PollClient(conversation);
  }

  async poll(seconds: number): Promise<PollAnswer> {
    this.#conversation.say(String(seconds));
    return JSON.parse(await this.#conversation.answer(seconds * 1000 + LIMIT_MILLIS));
  }

  async end(): Promise<void> {
    await this.#conversation.end(LIMIT_MILLIS);
  }
}
