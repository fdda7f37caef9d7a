// Options from the environment, and from a file with their names as keys, in YAML or JSON. Flags win over the first, both
// over the second.

import { readFileSync } from "node:fs";
import type { Command, Option } from "commander";
import { CliError } from "./exit-codes.ts";

const WEAKEST = new Set<string | undefined>([undefined, "default"]);

/** Sets options that were neither given as flags nor in the environment. Throws CliError for a key that is no option. */
export async function applyConfigFile(command: Command, file: string): Promise<void> {
  const { parse } = await import("yaml");
  let content: unknown;
  try {
    content = parse(readFileSync(file, "utf8")) ?? {};
  } catch (error) {
    throw new CliError(
      "usage",
      `Cannot read the configuration ${file}: ${error instanceof Error ? error.message : error}`,
    );
  }
  if (typeof content !== "object" || Array.isArray(content)) {
    throw new CliError("usage", `${file} holds no options; write for example "grace: 60s"`);
  }
  for (const [key, value] of Object.entries(content as object)) apply(command, file, key, value);
}

function apply(command: Command, file: string, key: string, value: unknown): void {
  const option = command.options.find((candidate) => nameInFile(candidate) === key);
  if (option === undefined || key === "config") {
    const known = command.options.map(nameInFile).filter((name) => name !== "config");
    throw new CliError("usage", `${file} sets "${key}"; there are ${known.join(", ")}`);
  }
  const name = option.attributeName();
  if (!WEAKEST.has(command.getOptionValueSource(name))) return;
  command.setOptionValueWithSource(name, optionValue(option, value), "config");
}

/** "--no-swap" is "swap: false" in a file. */
function nameInFile(option: Option): string {
  return (option.long ?? "").replace(/^--(no-)?/, "");
}

function optionValue(option: Option, value: unknown): unknown {
  if (takesNoValue(option)) return value === true || value === "true";
  const text = Array.isArray(value) ? value.join(",") : String(value);
  return option.parseArg === undefined ? text : option.parseArg(text, undefined as never);
}

function takesNoValue(option: Option): boolean {
  return !option.required && !option.optional;
}

/** The variable of an option: PROCVIEW_ and its name, "--no-swap" is PROCVIEW_NO_SWAP. */
export function variableOf(option: Option): string {
  return `PROCVIEW_${(option.long ?? "").replace(/^--/, "").replaceAll("-", "_").toUpperCase()}`;
}

/** Sets options that were not given as flags from the environment. One without a value is given by "1" or "true". */
export function applyEnvironment(command: Command, environment: NodeJS.ProcessEnv): void {
  for (const option of command.options) {
    const text = environment[variableOf(option)];
    const name = option.attributeName();
    if (text === undefined || !WEAKEST.has(command.getOptionValueSource(name))) continue;
    const given = text === "1" || text === "true";
    const value = takesNoValue(option) ? given !== option.negate : optionValue(option, text);
    command.setOptionValueWithSource(name, value, "env");
  }
}
