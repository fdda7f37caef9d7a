// News that were told a short while ago: the same is not told again.

const REPEAT_MILLIS = 10 * 60 * 1000;
const MAX_REMEMBERED = 4096;

export class RecentNews {
  /** When each was told, the oldest first. */
  readonly #told = new Map<string, number>();

  /** Whether it was told within ten minutes of `nowMillis`; from now on it was. */
  isRepeated(news: string, nowMillis: number): boolean {
    const last = this.#told.get(news);
    if (last !== undefined && nowMillis - last < REPEAT_MILLIS) return true;
    this.#told.delete(news);
    this.#told.set(news, nowMillis);
    const oldest = this.#told.keys().next();
    if (this.#told.size > MAX_REMEMBERED && !oldest.done) this.#told.delete(oldest.value);
    return false;
  }
}
