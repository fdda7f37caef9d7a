// procview version.

import { Command } from "commander";
import { version } from "../../contract/version.ts";
import { write, writeJson } from "../output.ts";

export const versionCommand: Command = new Command("version")
  .description("print the version")
  .option("--json", "print JSON")
  .action(({ json }: { json?: boolean }) => {
    if (json) writeJson({ version, node: process.version, platform: process.platform, arch: process.arch });
    else write(`procview ${version}\n`);
  });
