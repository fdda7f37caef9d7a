// How figures are written.

const DASH = "-";

/** Three significant digits, four decimals at most: 0.0521, 5.21, 52.1, 521, 5210. */
export function digits(value: number): string {
  const rounded = Number(value.toPrecision(3));
  if (rounded === 0) return "0";
  const decimals = Math.min(4, Math.max(0, 2 - Math.floor(Math.log10(Math.abs(rounded)))));
  return value.toFixed(decimals);
}

export function micros(nanos: number | null): string {
  return nanos === null ? DASH : digits(nanos / 1000);
}

export function mebibytes(bytes: number | null): string {
  return bytes === null ? DASH : (bytes / 2 ** 20).toFixed(1);
}

/** How many times less than another figure, such as "57x"; a dash where there is nothing to compare with. */
export function times(other: number | undefined, own: number): string {
  return other === undefined ? DASH : `${digits(other / own)}x`;
}

export function thousands(value: number): string {
  return Math.round(value)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, ",");
}

/** A table in markdown. */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  const rule = header.map((_, column) => (isNumeric(rows, column) ? "---:" : "---"));
  return [line(header), line(rule), ...rows.map(line)].join("\n");
}

function isNumeric(rows: readonly (readonly string[])[], column: number): boolean {
  return rows.length > 0 && rows.every((row) => /^(-|[\d,.]+x?)$/.test(row[column] ?? ""));
}
