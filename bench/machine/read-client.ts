// The client in a container that measures reads of one side's files, one measurement at a time.

import type { ReadMeasurement } from "../report/results.ts";
import { Conversation, spawnIn } from "./processes.ts";

const LIMIT_MILLIS = 60_000;

export interface ReadPlan {
  readers: number;
  warmupReads: number;
  windowMillis: number;
  file: string;
}

interface ClientAnswer {
  reads: number;
  failed: number;
  error: string;
  elapsedNanos: number;
  cpuNanos: number;
  p50Nanos: number;
  p99Nanos: number;
}

/** The side failed its readers; the client itself is well. An empty file counts as a failure, "No data available". */
export class ReadsFailed extends Error {
  override name = "ReadsFailed";
}

export class ReadClient {
  readonly #conversation: Conversation;

  private constructor(conversation: Conversation) {
    this.#conversation = conversation;
  }

  /** A container with the files of a mount bound into it; "-" leaves the kernel's own. */
  static async start(
    program: string,
    mount: string,
    cgroups: readonly string[],
    files: readonly string[],
  ): Promise<ReadClient> {
    // The client enters the cgroups itself, after it has cloned.
    const conversation = new Conversation(spawnIn([], [program, "read", mount, cgroups.join(","), ...files]));
    await conversation.answer(LIMIT_MILLIS);
    return new ReadClient(conversation);
  }

  /** Warms up, then measures. `serverCpuNanos` is asked just before and just after. Throws ReadsFailed if any read fails. */
  async measure(plan: ReadPlan, serverCpuNanos: () => number | undefined): Promise<ReadMeasurement> {
    const { readers, warmupReads, windowMillis, file } = plan;
    this.#conversation.say(`${readers} ${warmupReads} ${windowMillis} /${file}`);
    await this.#conversation.answer(LIMIT_MILLIS);
    const before = serverCpuNanos();
    this.#conversation.say("go");
    const answer: ClientAnswer = JSON.parse(await this.#conversation.answer(LIMIT_MILLIS));
    const after = serverCpuNanos();
    if (answer.failed > 0 || answer.reads === 0) {
      throw new ReadsFailed(`${answer.failed} of ${answer.failed + answer.reads} reads of /${file}: ${answer.error}`);
    }
    return {
      p50Nanos: answer.p50Nanos,
      p99Nanos: answer.p99Nanos,
      readsPerSecond: (answer.reads * 1e9) / answer.elapsedNanos,
      readerCpuNanosPerRead: answer.cpuNanos / answer.reads,
      serverCpuNanosPerRead: before === undefined ? null : ((after ?? before) - before) / answer.reads,
    };
  }

  async end(): Promise<void> {
    await this.#conversation.end(LIMIT_MILLIS);
  }
}
