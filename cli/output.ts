// Where the command line writes: data to stdout, everything said about it to stderr.

export function write(text: string | Buffer): void {
  process.stdout.write(text);
}

export function writeJson(value: unknown): void {
  write(`${JSON.stringify(value, undefined, 2)}\n`);
}

export function warn(text: string): void {
  process.stderr.write(`procview: ${text}\n`);
}
