// Runs programs that test, shows what they print, and adds up what they count.

import { spawn } from "node:child_process";

export interface Totals {
  passed: number;
  failed: number;
  skipped: number;
}

const SUMMARY = /^ℹ (pass|fail|skipped) (\d+)$/;
const NAMES = { pass: "passed", fail: "failed", skipped: "skipped" } as const;

/**
 * Runs a program; a status other than 0 without a counted failure counts as one. Of one that prints `begun` first,
 * returns whether it did: one that did not, and failed, counts for nothing.
 */
export async function counted(totals: Totals, file: string, args: readonly string[], begun?: string): Promise<boolean> {
  const before = totals.failed;
  let hasBegun = begun === undefined;
  const child = spawn(file, args, { stdio: ["ignore", "pipe", "inherit"] });
  let rest = "";
  child.stdout.on("data", (chunk: Buffer) => {
    process.stdout.write(chunk);
    const lines = (rest + chunk.toString()).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      hasBegun ||= begun !== undefined && line.includes(begun);
      add(totals, line);
    }
  });
  const status = await new Promise<number | null>((resolve) => child.once("close", resolve));
  if (status !== 0 && totals.failed === before && hasBegun) totals.failed += 1;
  return hasBegun;
}

function add(totals: Totals, line: string): void {
  const match = SUMMARY.exec(line.trim());
  if (match !== null) totals[NAMES[match[1] as keyof typeof NAMES]] += Number(match[2]);
}

/** Prints the totals as the last line and sets the status of this process. */
export function conclude(name: string, { passed, failed, skipped }: Totals): void {
  console.log(`${name}: ${passed} passed, ${failed} failed, ${skipped} skipped`);
  process.exitCode = failed === 0 ? 0 : 1;
}
