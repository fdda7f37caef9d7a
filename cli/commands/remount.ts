// procview remount: puts the served files in place of those of a lost session, as iSulad's toolkit does for lxcfs.

import { Command } from "commander";
import { asTheyAre } from "../../node-agent/attach/wanted.ts";
import { addChoiceFlags, type ChoiceFlags, Node, requireFine } from "../node.ts";
import { requireRoot } from "../preconditions.ts";
import { printOutcomes } from "../report-text.ts";

export const remountCommand: Command = addChoiceFlags(
  new Command("remount").description("renew files of containers that are stale or show the host"),
).action(async (flags: ChoiceFlags) => {
  requireRoot();
  using node = new Node(flags);
  node.requireAnswers();
  const reports = await node.go(await node.chosen(flags), { wanted: asTheyAre });
  printOutcomes(reports, flags.json);
  requireFine(reports);
});
