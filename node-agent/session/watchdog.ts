// Notices that a process gives no sign of life any more.

export class Watchdog {
  readonly #intervalMillis: number;
  readonly #bark: (silentMillis: number) => void;
  #limitMillis = 0;
  #seenAt = 0;
  #checkedAt = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(intervalMillis: number, bark: (silentMillis: number) => void) {
    this.#intervalMillis = intervalMillis;
    this.#bark = bark;
  }

  /** Begins anew: from now on silence may last that long. */
  start(limitMillis: number): void {
    this.stop();
    this.#limitMillis = limitMillis;
    this.#seenAt = performance.now();
    this.#checkedAt = this.#seenAt;
    this.#timer = setInterval(() => this.#check(), this.#intervalMillis);
  }

  seen(): void {
    this.#seenAt = performance.now();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #check(): void {
    const now = performance.now();
    const slept = now - this.#checkedAt > this.#limitMillis / 2;
    this.#checkedAt = now;
    // Who was stopped itself has messages to read first.
    if (slept) this.seen();
    const silentMillis = now - this.#seenAt;
    if (silentMillis < this.#limitMillis) return;
    this.stop();
    this.#bark(silentMillis);
  }
}
