// What was measured, in markdown: a summary of each side, the worst of each tool, every row.

import type { Row } from "./measure-case.ts";
import type { SideName } from "./sides.ts";

/** As far as a tool may be from the truth. */
export const LIMIT_POINTS = 3;

/** Shown minus truth; undefined for a tool that failed. */
export function errorOf({ result }: Row): number | undefined {
  return "problem" in result ? undefined : result.shownPercent - result.truthPercent;
}

/** Whether a tool is as near to the truth as it should be. */
export function isWithin(row: Row): boolean {
  const error = errorOf(row);
  return error !== undefined && Math.abs(error) <= LIMIT_POINTS;
}

export function rowsTable(rows: readonly Row[]): string {
  const header = ["side", "tool", "container", "load %", "truth %", "shown %", "error"];
  return table(header, rows.map(cellsOf));
}

/** The worst row of each tool on both sides. */
export function worstTable(rows: readonly Row[]): string {
  const tools = [...new Set(rows.map(({ tool }) => tool))];
  const cells = (tool: string, side: SideName): string[] => {
    const own = rows.filter((row) => row.tool === tool && row.side === side);
    const within = own.filter(isWithin).length;
    return [worstError(own), `${within} of ${own.length}`];
  };
  return table(
    [
      "tool",
      "procview: worst error",
      `within ${LIMIT_POINTS} points`,
      "lxcfs: worst error",
      `within ${LIMIT_POINTS} points`,
    ],
    tools.map((tool) => [tool, ...cells(tool, "procview"), ...cells(tool, "lxcfs")]),
  );
}

/** One line a side. */
export function summary(rows: readonly Row[], side: SideName): string {
  const own = rows.filter((row) => row.side === side);
  const within = own.filter(isWithin).length;
  const failed = own.filter(({ result }) => "problem" in result).length;
  const failures = failed === 0 ? "" : `, ${failed} failed`;
  return `${side}: ${within} of ${own.length} rows within ${LIMIT_POINTS} points, worst error ${worstError(own)}${failures}`;
}

function worstError(rows: readonly Row[]): string {
  const errors = rows.map(errorOf).filter((error) => error !== undefined);
  const worst = errors.reduce((most, error) => (Math.abs(error) > Math.abs(most) ? error : most), 0);
  return signed(worst);
}

function cellsOf(row: Row): string[] {
  const { side, tool, container, loadPercent, result } = row;
  const numbers =
    "problem" in result
      ? ["", "", result.problem.replaceAll(/[|\n]/g, " ")]
      : [result.truthPercent.toFixed(1), result.shownPercent.toFixed(1), signed(errorOf(row) ?? 0)];
  return [side, tool, container, String(loadPercent), ...numbers];
}

const signed = (points: number): string => `${points < 0 ? "" : "+"}${points.toFixed(1)}`;

function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [line(header), line(header.map(() => "---")), ...rows.map(line)].join("\n");
}
