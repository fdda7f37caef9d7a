// Notices that a process gives no sign of life any more.

export class Watchdog {
  readonly #limitMillis: number;
  readonly #intervalMillis: number;
  readonly #bark: (silentMillis: number) => void;
  #seenAt = 0;
  #checkedAt = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(limitMillis: number, intervalMillis: number, bark: (silentMillis: number) => void) {
    this.#limitMillis = limitMillis;
    this.#intervalMillis = intervalMillis;
    this.#bark = bark;
  }

  start(): void {
    this.stop();
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
