// procview check: for scripts and probes - does the tree answer, and does every container show itself?

import { Command } from "commander";
import { CliError } from "../exit-codes.ts";
import { addNodeFlags, Node, type NodeFlags } from "../node.ts";
import { write, writeJson } from "../output.ts";
import { requireRoot } from "../preconditions.ts";

const WRONG = new Set(["stale", "host", "other"]);

export const checkCommand: Command = addNodeFlags(
  new Command("check")
    .alias("check-lxcfs")
    .description("tell by the exit status whether the tree answers and every container shows itself"),
).action(async (flags: NodeFlags) => {
  requireRoot();
  using node = new Node(flags);
  node.requireAnswers();
  const reports = await node.look();
  const wrong = reports.flatMap(({ container: { id }, places }) =>
    places.filter(({ state }) => WRONG.has(state)).map(({ target, state }) => ({ container: id, file: target, state })),
  );
  if (flags.json) writeJson({ healthy: wrong.length === 0, containers: reports.length, wrong });
  else write(`${node.mountRoot} answers, ${reports.length} containers, ${wrong.length} files wrong\n`);
  const first = wrong[0];
  if (first === undefined) return;
  const { container, file, state } = first;
  throw new CliError("notHealed", `${file} of container ${container} is ${state}; "procview remount --all" mends it`);
});
