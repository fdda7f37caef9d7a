// procview hook: an OCI hook (createRuntime or prestart) that puts the files into the container that is being made.

import { readFileSync, realpathSync } from "node:fs";
import { resolve } from "node:path";
import { Command } from "commander";
import { FILE_NAMES } from "../../contract/file-names.ts";
import { baseOf, type HookState, parseHookState, rootPathOf } from "../../node-agent/attach/hook-state.ts";
import { allFiles } from "../../node-agent/attach/wanted.ts";
import { parseMountinfo } from "../../node-agent/procfs/mountinfo.ts";
import { addRootFlag, Node, type NodeFlags, requireFine } from "../node.ts";
import { parseFiles } from "../option-values.ts";
import { warn } from "../output.ts";
import { requireRoot } from "../preconditions.ts";

interface HookFlags extends NodeFlags {
  files?: string[];
  strict?: true;
}

const STDIN_FD = 0;

export const hookCommand: Command = addRootFlag(
  new Command("hook")
    .description("as an OCI hook, put files into the container whose state is on stdin")
    .option("--files <list>", `only these of ${FILE_NAMES.join(",")}`, parseFiles)
    .option("--strict", "fail, and so keep the container from starting, where that does not work"),
).action(async (flags: HookFlags) => {
  try {
    requireRoot();
    await attachTo(parseHookState(readFileSync(STDIN_FD, "utf8")), flags);
  } catch (error) {
    if (flags.strict) throw error;
    warn(`The container starts without: ${error instanceof Error ? error.message : String(error)}`);
  }
});

async function attachTo({ pid, bundle }: HookState, flags: HookFlags): Promise<void> {
  using node = new Node(flags);
  const found = node.containerOf(pid);
  node.requireAnswers();
  const rootfs = realpathSync(resolve(bundle, rootPathOf(readFileSync(`${bundle}/config.json`, "utf8"))));
  const base = baseOf(parseMountinfo(node.files.text(`proc/${pid}/mountinfo`)), rootfs);
  const wanted = flags.files ?? allFiles(node.files);
  requireFine(await node.go([found], { wanted: () => wanted, base }));
}
