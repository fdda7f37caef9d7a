// mpstat and sar: a line of names, and one of averages with a value below each. Which columns make up the busy time differs
// in name only.

const BUSY = new Set(["%usr", "%user", "%nice", "%sys", "%system"]);

/** User, nice and system time of all CPUs. */
export function parseSysstat(output: string): number {
  const lines = output.split("\n").map((line) => line.trim().split(/\s+/));
  const names = lines.find((fields) => fields.includes("CPU") && fields.includes("%idle"));
  const values = lines.find(([first, cpu]) => first === "Average:" && cpu === "all");
  if (names === undefined || values === undefined) throw new Error("no line of averages");
  // Lines begin with one time or two words of it; values end as names do.
  const offset = values.length - names.length;
  return names.reduce((sum, name, place) => (BUSY.has(name) ? sum + Number(values[place + offset]) : sum), 0);
}
