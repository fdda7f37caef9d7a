// procview doctor: what this machine has and lacks for procview, and what to do about it.

import { Command } from "commander";
import { gatherFacts } from "../doctor/facts.ts";
import { findingsOf, formatFindings } from "../doctor/findings.ts";
import { CliError } from "../exit-codes.ts";
import { addNodeFlags, Node, type NodeFlags } from "../node.ts";
import { write, writeJson } from "../output.ts";

export const doctorCommand: Command = addNodeFlags(
  new Command("doctor").description("tell what this machine lacks for procview, and what to do about it"),
).action((flags: NodeFlags) => {
  const facts = gatherFacts(treeOf(flags));
  const findings = findingsOf(facts);
  if (flags.json) writeJson({ facts, findings });
  else write(formatFindings(findings));
  const bad = findings.filter(({ verdict }) => verdict === "bad").map(({ about }) => about);
  if (bad.length > 0) throw new CliError("unfit", `This machine is not fit for procview: ${bad.join(", ")}`);
});

/** Without any cgroup there is nobody to ask. */
function treeOf(flags: NodeFlags): { mountRoot: string; mounted: boolean; answers: boolean } {
  try {
    using node = new Node(flags);
    return { mountRoot: node.mountRoot, mounted: node.device !== undefined, answers: node.answers() };
  } catch {
    return { mountRoot: `${flags.root}/fs`, mounted: false, answers: false };
  }
}
