// Adds up counts of processes that follow one another: each begins at 0.

export class Growth {
  #pid = 0;
  #ended: readonly number[] = [];
  #present: readonly number[] = [];

  /** What the process of that pid has counted so far. */
  update(pid: number, counts: readonly number[]): void {
    if (pid !== this.#pid) this.#ended = this.totals;
    this.#pid = pid;
    this.#present = counts;
  }

  get totals(): readonly number[] {
    return this.#present.map((count, index) => count + (this.#ended[index] ?? 0));
  }
}
