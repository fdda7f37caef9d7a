// ps -eo etimes=,pcpu=: %CPU of every process. A young one (ps itself, what starts it) has used all of its short life, and
// is none of the load, which is as old as the container.

/** The sum over processes that are at least half as old as the oldest. */
export function parsePs(output: string): number {
  const rows = output
    .trim()
    .split("\n")
    .map((line) => line.trim().split(/\s+/).map(Number));
  if (rows.some((row) => row.length !== 2 || row.some(Number.isNaN))) throw new Error("ps: no two numbers a line");
  const oldest = Math.max(...rows.map(([seconds = 0]) => seconds));
  return rows.reduce((sum, [seconds = 0, percent = 0]) => (seconds * 2 >= oldest ? sum + percent : sum), 0);
}
