// A rate with a burst: each taking costs one of the tokens that come back by time.

export class TokenBucket {
  readonly #burst: number;
  readonly #perSecond: number;
  #tokens: number;
  #atMillis = 0;

  constructor(burst: number, perSecond: number) {
    this.#burst = burst;
    this.#perSecond = perSecond;
    this.#tokens = burst;
  }

  /** False where there is none. */
  take(nowMillis: number): boolean {
    const gained = ((nowMillis - this.#atMillis) / 1000) * this.#perSecond;
    this.#tokens = Math.min(this.#burst, this.#tokens + Math.max(0, gained));
    this.#atMillis = nowMillis;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}
