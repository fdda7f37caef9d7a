// ps -eo etimes=,pcpu=: %CPU of every process. A process that began just now (ps itself, what starts it) has used all of its
// few milliseconds and is none of the load.

export function parsePs(output: string): number {
  const rows = output
    .trim()
    .split("\n")
    .map((line) => line.trim().split(/\s+/).map(Number));
  if (rows.some((row) => row.length !== 2 || row.some(Number.isNaN))) throw new Error("ps: no two numbers a line");
  return rows.reduce((sum, [seconds = 0, percent = 0]) => (seconds > 0 ? sum + percent : sum), 0);
}
