// Writes the parts of the READMEs that are told elsewhere: `npm run docs`. Each stands between two markers.

import { readFileSync, writeFileSync } from "node:fs";
import { valueRows } from "../charts/values-table.ts";
import { EXIT_CODES } from "../cli/exit-codes.ts";
import { program } from "../cli/main.ts";
import { ANNOTATIONS } from "../contract/annotations.ts";
import { VIRTUAL_FILES } from "../contract/virtual-files.ts";
import { ATTACH_REASONS, PART_SKIP_REASONS, POD_SKIP_REASONS } from "../injection/skip-reasons.ts";

export const GENERATED = ["README.md", "charts/procview/README.md"].map(
  (name) => new URL(`../${name}`, import.meta.url),
);

/** Without it, `memory.*` and its like would be read as emphasis. */
const escapeMarkdown = (text: string): string => text.replaceAll("*", "\\*");

export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [line(header), line(header.map(() => "---")), ...rows.map(line)].join("\n");
}

const cpuDirectory = [
  "`/sys/devices/system/cpu`",
  "online, possible, present, offline, isolated; cpuN/ of the visible CPUs with topology and caches",
  "kernel_max, vulnerabilities, identities of cores and packages",
  "cpu.max, cpuset.cpus.effective",
];

type Parts = Readonly<Record<string, () => string>>;

const commandLine = await program();

const PARTS: Parts = {
  files: () =>
    table(
      ["file", "shows the container's", "passes through", "from"],
      [
        ...VIRTUAL_FILES.map(({ path, shows, passes, source }) => [
          `\`/${path}\``,
          shows,
          escapeMarkdown(passes),
          escapeMarkdown(source),
        ]),
        cpuDirectory,
      ],
    ),
  commands: () =>
    `\`\`\`\n${commandLine.commands
      .map((command) => `procview ${command.name()} ${command.usage()}`.padEnd(44) + command.description())
      .join("\n")}\n\`\`\``,
  annotations: () =>
    table(
      ["annotation", "meaning"],
      Object.values(ANNOTATIONS).map(({ key, sentence }) => [`\`${key}\``, sentence]),
    ),
  "skip-reasons": () =>
    table(
      ["reason", "meaning"],
      Object.entries({ ...POD_SKIP_REASONS, ...ATTACH_REASONS, ...PART_SKIP_REASONS }).map(([code, { sentence }]) => [
        `\`${code}\``,
        sentence,
      ]),
    ),
  values: () =>
    table(
      ["value", "default", "meaning"],
      valueRows().map((row) => [`\`${row.name}\``, `\`${JSON.stringify(row.default)}\``, row.comment]),
    ),
  "exit-codes": () =>
    table(
      ["status", "meaning"],
      Object.values(EXIT_CODES).map(({ status, meaning }) => [String(status), meaning]),
    ),
};

/** A document, the README by default, with its generated parts as they should be. */
export function generate(document: string, parts: Parts = PARTS): string {
  return document.replace(/<!-- (\S+) -->\n.*?<!-- \/\1 -->/gs, (whole, name: string) => {
    const part = parts[name];
    return part === undefined ? whole : `<!-- ${name} -->\n${part()}\n<!-- /${name} -->`;
  });
}

if (import.meta.main) {
  for (const readme of GENERATED) writeFileSync(readme, generate(readFileSync(readme, "utf8")));
}
