// Something done at once and then again and again, one at a time; a failure is told, and the next turn comes all the same.

export class Polling {
  readonly #turn: () => Promise<void>;
  readonly #periodMillis: number;
  readonly #failed: (error: Error) => void;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(turn: () => Promise<void>, periodMillis: number, failed: (error: Error) => void) {
    this.#turn = turn;
    this.#periodMillis = periodMillis;
    this.#failed = failed;
  }

  /** Resolves after the first turn. */
  async start(): Promise<void> {
    try {
      await this.#turn();
    } catch (error) {
      this.#failed(error instanceof Error ? error : new Error(String(error)));
    }
    if (!this.#stopped) this.#timer = setTimeout(() => void this.start(), this.#periodMillis).unref();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }
}
