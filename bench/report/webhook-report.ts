// Figures of bench:webhook as a page.

/** What a load generator says of its load. */
export interface Load {
  reviews: number;
  perSecond: number;
  failed: number;
  p50Millis: number;
  p99Millis: number;
  maxMillis: number;
}

export interface Measured extends Load {
  name: string;
  cpuMicrosPerReview: number;
  rssKib: number;
}

export interface Circumstances {
  idleKib: number;
  seconds: number;
  connections: number;
  reviewBytes: number;
  machine: string;
  pinned: boolean;
  /** Load average before the first load: figures are worth something where it is near 0. */
  loadBefore: number;
}

const TARGET_P99_MILLIS = 10;
const BUSY_LOAD = 0.5;

export function reportOf(measured: readonly Measured[], circumstances: Circumstances): string {
  const { idleKib, seconds, connections, reviewBytes, machine, pinned, loadBefore } = circumstances;
  const rows = measured.map(
    ({ name, perSecond, failed, p50Millis, p99Millis, maxMillis, cpuMicrosPerReview, rssKib }) =>
      [
        name,
        perSecond.toFixed(0),
        ...[p50Millis, p99Millis, maxMillis].map((millis) => millis.toFixed(1)),
        failed,
        `${cpuMicrosPerReview.toFixed(0)} us`,
        mebibytes(rssKib),
      ].join(" | "),
  );
  const [first] = measured;
  const met = first !== undefined && first.p99Millis <= TARGET_P99_MILLIS && first.failed === 0;
  return `# How fast the webhook answers

Written by \`npm run bench:webhook\`: ${seconds} s each, ${connections} connections kept alive over TLS 1.3, reviews of
${reviewBytes} bytes with three containers, all of them injected. The server has ${pinned ? "one CPU to itself; the load comes from the others" : "its CPU shared with the load"}.
Latency in ms, of every request, as hey counts it; at a fixed rate each connection sends when its time has come.

| load | reviews a second | p50 | p99 | longest | failed | CPU of a review | RSS |
| --- | --- | --- | --- | --- | --- | --- | --- |
${rows.map((row) => `| ${row} |`).join("\n")}

Resident before the load: ${mebibytes(idleKib)}. Target: p99 at 500 a second at most ${TARGET_P99_MILLIS} ms: ${met ? "met" : "missed"}.

Machine: ${machine}.${loadBefore > BUSY_LOAD ? ` It was busy with other work, load ${loadBefore.toFixed(1)} before this began: the latencies are those of its run queue, not the webhook's.` : ""}
`;
}

function mebibytes(kib: number): string {
  return `${(kib / 1024).toFixed(0)} MiB`;
}
