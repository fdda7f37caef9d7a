// node_exporter: node_cpu_seconds_total{cpu="0",mode="user"} 12.34; busy is what rate() over the modes gives.

const SAMPLE = /^node_cpu_seconds_total\{cpu="[^"]*",mode="([^"]*)"\} (\S+)$/gm;
const BUSY = new Set(["user", "nice", "system"]);

export function parseNodeExporter(before: string, after: string): number {
  const [first, second] = [secondsIn(before), secondsIn(after)];
  const total = second.total - first.total;
  if (!(total > 0)) throw new Error("node_cpu_seconds_total does not advance");
  return ((second.busy - first.busy) / total) * 100;
}

function secondsIn(metrics: string): { busy: number; total: number } {
  const seconds = { busy: 0, total: 0 };
  for (const [, mode = "", value] of metrics.matchAll(SAMPLE)) {
    seconds.total += Number(value);
    if (BUSY.has(mode)) seconds.busy += Number(value);
  }
  return seconds;
}
