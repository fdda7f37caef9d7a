// The one error of every parser: which text, which line, what was expected.

export class ParseError extends Error {
  constructor(file: string, line: string, expected: string) {
    super(`Cannot parse ${file} line ${JSON.stringify(line)}: expected ${expected}`);
    this.name = "ParseError";
  }
}

/** A decimal number of a kernel file. Throws ParseError for anything else. */
export function parseCount(file: string, line: string, text: string | undefined): number {
  if (text === undefined || !/^\d+$/.test(text)) throw new ParseError(file, line, `a number, not "${text}"`);
  return Number(text);
}

/** The lines of a text that ends with a newline, or is empty. */
export function linesOf(text: string): string[] {
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  return lines;
}
