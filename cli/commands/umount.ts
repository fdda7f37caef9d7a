// procview umount: gives containers the host's files back.

import { Command } from "commander";
import { addChoiceFlags, type ChoiceFlags, Node, requireFine } from "../node.ts";
import { requireRoot } from "../preconditions.ts";
import { printOutcomes } from "../report-text.ts";

export const umountCommand: Command = addChoiceFlags(
  new Command("umount").description("take all files away from containers, which then show the host"),
).action(async (flags: ChoiceFlags) => {
  requireRoot();
  using node = new Node(flags);
  const reports = await node.go(await node.chosen(flags), { wanted: () => [] });
  printOutcomes(reports, flags.json);
  requireFine(reports);
});
