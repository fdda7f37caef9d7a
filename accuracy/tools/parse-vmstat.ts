// vmstat: a line of names, then one of values an iteration. "us" includes nice; the first iteration is since boot.

const BUSY = new Set(["us", "sy"]);

export function parseVmstat(output: string): number {
  const lines = output
    .trim()
    .split("\n")
    .map((line) => line.trim().split(/\s+/));
  const names = lines.findIndex((fields) => fields.includes("us"));
  const values = lines.at(-1);
  if (names === -1 || values === undefined || lines.length < names + 3)
    throw new Error("vmstat has no second iteration");
  return (lines[names] ?? []).reduce((sum, name, place) => (BUSY.has(name) ? sum + Number(values[place]) : sum), 0);
}
