// procview detach: takes all files away from the container of a process.

import { Command } from "commander";
import { addNodeFlags, Node, type NodeFlags, requireFine } from "../node.ts";
import { parseCount } from "../option-values.ts";
import { requireRoot } from "../preconditions.ts";
import { printOutcomes } from "../report-text.ts";

interface DetachFlags extends NodeFlags {
  pid: number;
}

export const detachCommand: Command = addNodeFlags(
  new Command("detach")
    .description("take all files away from the container of a process")
    .requiredOption("--pid <pid>", "any process of the container", (text) => parseCount("--pid", text)),
).action(async (flags: DetachFlags) => {
  requireRoot();
  using node = new Node(flags);
  const reports = await node.go([node.containerOf(flags.pid)], { wanted: () => [] });
  printOutcomes(reports, flags.json);
  requireFine(reports);
});
