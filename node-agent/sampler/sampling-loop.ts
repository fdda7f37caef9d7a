// Visits every container once per interval, in slices, so that thousands of threads delay nobody: a pass that takes longer
// than the interval just makes the next one later, and what is sampled counts by the time that really passed.

export interface SamplingLoop<Subject> {
  /** Whom to visit in the pass that begins now. */
  subjects(): readonly Subject[];
  visit(subject: Subject): void;
  /** A visit threw, or asking for the subjects did: the others are visited all the same. */
  failed(error: unknown): void;
  intervalMillis: number;
  /** Milliseconds of a clock that only advances. */
  now(): number;
}

/** At most this long at a stretch, then a pause four times as long: a fifth of one processor at the worst. */
const SLICE_MILLIS = 5;
const PAUSE_MILLIS = 20;

/** Starts the first pass now, and never ends. The timers keep no process alive. */
export function startSampling<Subject>(loop: SamplingLoop<Subject>): void {
  const begunAt = loop.now();
  const pending: Subject[] = [];
  guarded(loop, () => pending.push(...loop.subjects()));
  const slice = (): void => {
    const end = loop.now() + SLICE_MILLIS;
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      const subject = next;
      guarded(loop, () => loop.visit(subject));
      if (loop.now() >= end) break;
    }
    if (pending.length > 0) {
      setTimeout(slice, PAUSE_MILLIS).unref();
      return;
    }
    const rest = Math.max(PAUSE_MILLIS, begunAt + loop.intervalMillis - loop.now());
    setTimeout(() => startSampling(loop), rest).unref();
  };
  slice();
}

function guarded({ failed }: Pick<SamplingLoop<unknown>, "failed">, work: () => void): void {
  try {
    work();
  } catch (error) {
    failed(error);
  }
}
