// procview attach: puts files into a container that runs already. Nothing in its image is needed.

import { Command } from "commander";
import { FILE_NAMES } from "../../contract/file-names.ts";
import { allFiles } from "../../node-agent/attach/wanted.ts";
import { addNodeFlags, Node, type NodeFlags, requireFine } from "../node.ts";
import { parseCount, parseFiles } from "../option-values.ts";
import { requireRoot } from "../preconditions.ts";
import { printOutcomes } from "../report-text.ts";

interface AttachFlags extends NodeFlags {
  pid: number;
  files?: string[];
}

export const attachCommand: Command = addNodeFlags(
  new Command("attach")
    .description("put files into the running container of a process, and those alone")
    .requiredOption("--pid <pid>", "any process of the container", (text) => parseCount("--pid", text))
    .option("--files <list>", `only these of ${FILE_NAMES.join(",")}`, parseFiles),
).action(async (flags: AttachFlags) => {
  requireRoot();
  using node = new Node(flags);
  const found = node.containerOf(flags.pid);
  node.requireAnswers();
  const wanted = flags.files ?? allFiles(node.files);
  const reports = await node.go([found], { wanted: () => wanted });
  printOutcomes(reports, flags.json);
  requireFine(reports);
});
