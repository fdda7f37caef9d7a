// The agent's hand in containers: keeps a process that enters them, for as long as there is work, gives each visit a time
// limit, and replaces the process where one is not back by then.

import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { compileCacheEnvironment } from "../compile-cache.ts";
import type { VisitAnswer, VisitRequest } from "./messages.ts";
import type { Outcome } from "./outcomes.ts";

const PROGRAM = fileURLToPath(new URL("./attach-process.ts", import.meta.url));

/** A visit takes a millisecond; one that takes this long waits for a file system that hangs. */
const VISIT_MILLIS = 5000;
/** So often in one go before the rest is left for another time. */
const MAX_TIMEOUTS = 2;
/** Started in 70 ms, it takes 40 MiB: not kept for the next sweep. */
const IDLE_MILLIS = 2000;

export interface AttacherOptions {
  /** A process of the namespace in which the tree is mounted. */
  homePid: number | "self";
  visitMillis?: number;
  /** Another program, for tests. */
  program?: string;
}

export class Attacher {
  readonly #options: AttacherOptions;
  #child: ChildProcess | undefined;
  #idle: NodeJS.Timeout | undefined;
  /** Processes that were killed and have not ended: they wait in the kernel. */
  #stuck = 0;

  constructor(options: AttacherOptions) {
    this.#options = options;
  }

  get stuck(): number {
    return this.#stuck;
  }

  /** One after the other. Every request is answered, if only with the reason why it was not carried out. */
  async visitAll(requests: readonly VisitRequest[]): Promise<VisitAnswer[]> {
    clearTimeout(this.#idle);
    const answers: VisitAnswer[] = [];
    let timeouts = 0;
    for (const request of requests) {
      const answer = timeouts < MAX_TIMEOUTS ? await this.#visit(request) : failed("given-up");
      if (answer.outcome === "timed-out") timeouts += 1;
      answers.push(answer);
    }
    this.#idle = setTimeout(() => this.close(), IDLE_MILLIS).unref();
    return answers;
  }

  /** Ends the process. */
  close(): void {
    clearTimeout(this.#idle);
    this.#child?.disconnect();
    this.#child = undefined;
  }

  #visit(request: VisitRequest): Promise<VisitAnswer> {
    const child = this.#child ?? this.#start();
    return new Promise((resolve) => {
      const settle = (answer: VisitAnswer): void => {
        clearTimeout(timer);
        child.off("message", settle);
        child.off("exit", died);
        child.off("error", died);
        resolve(answer);
      };
      const died = (): void => {
        this.#child = undefined;
        settle(failed("attacher-died"));
      };
      const timer = setTimeout(() => {
        this.#abandon(child);
        settle(failed("timed-out"));
      }, this.#options.visitMillis ?? VISIT_MILLIS);
      child.on("message", settle);
      child.once("exit", died);
      child.once("error", died);
      child.send(request, (error) => {
        if (error !== null) died();
      });
    });
  }

  #start(): ChildProcess {
    const { homePid, program = PROGRAM } = this.#options;
    const child = spawn(process.execPath, ["--no-warnings", program, String(homePid)], {
      stdio: ["ignore", "ignore", "inherit", "ipc"],
      cwd: "/",
      env: { ...process.env, ...compileCacheEnvironment() },
    });
    // It ends with its channel; whoever waits for a visit has a timer that keeps the program alive.
    child.unref();
    child.channel?.unref();
    child.on("error", () => undefined);
    this.#child = child;
    return child;
  }

  /** A killed process ends once the kernel lets it. Nobody waits for that. */
  #abandon(child: ChildProcess): void {
    this.#child = undefined;
    this.#stuck += 1;
    child.once("exit", () => {
      this.#stuck -= 1;
    });
    child.kill("SIGKILL");
  }
}

function failed(outcome: Outcome): VisitAnswer {
  return { places: [], outcome };
}
